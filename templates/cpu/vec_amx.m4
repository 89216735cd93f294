m4_dnl The vector vocabulary for AMX: AVX-512 with conversions to bf16, and tiles. CPUs with tiles multiply pairs at
m4_dnl half the pace of floats, so what is no tile's product widens them.
m4_include(<|cpu/tiles.m4|>)m4_dnl
m4_define(<|WIDENS_PAIRS|>)m4_dnl
m4_include(<|cpu/vec_avx512bf16.m4|>)m4_dnl
