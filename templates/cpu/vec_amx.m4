m4_dnl The vector vocabulary for AMX: that for products of pairs of bf16 numbers, and tiles.
m4_include(<|cpu/tiles.m4|>)m4_dnl
m4_include(<|cpu/vec_avx512bf16.m4|>)m4_dnl
