m4_divert(-1)
The instruction wgmma of sm_90a: 64 rows x N columns of sums, 16 terms of K, both factors in shared memory.

OPERAND_LIST(FIRST, LAST): operands of inline assembly, "%0, %1, …", in string literals of 12 each.
m4_define(<|OPERAND_LIST|>, <|FOR(<|r|>, $1, $2, <|m4_ifelse(r, $1, <||>, m4_eval(r % 12), 0, <|, "
                " |>, <|, |>)%<||>r|>)|>)
SUM_LIST(SUM, COUNT): the constraints of so many floats of the array SUM, whose rows have 4.
m4_define(<|SUM_LIST|>, <|FOR(<|r|>, 0, m4_eval($2 - 1),
  <|m4_ifelse(r, 0, <||>, <|, |>)"+f"($1[m4_eval(r / 4)][m4_eval(r % 4)])|>)|>)
m4_define(<|WGMMA_TYPES|>, <|f32.m4_ifelse(PRECISION, <|fp16|>, <|f16.f16|>, <|bf16.bf16|>)|>)

WGMMA_MULTIPLY(N, SUM, A, B, ADD): sum = a b, plus the sum before unless ADD is 0; A, B: descriptors of 64 bits.
m4_define(<|WGMMA_MULTIPLY|>, <|asm volatile ("{\n .reg .pred add;\n setp.ne.b32 add, %m4_eval($1 / 2 + 2), 0;\n"
              " wgmma.mma_async.sync.aligned.m64n$1<||>k16.WGMMA_TYPES"
              " {OPERAND_LIST(0, m4_eval($1 / 2 - 1))}, "
              "%m4_eval($1 / 2), %m4_eval($1 / 2 + 1), add, 1, 1, 0, 0;\n}"
              : SUM_LIST(<|$2|>, m4_eval($1 / 2))
              : "l"($3), "l"($4), "r"($5));|>)

SWIZZLED: the descriptor of a matrix in shared memory, but for its address by 16: rows of 128 bytes in the 128-byte
swizzle, 8 rows 1024 bytes apart from the next 8.
m4_define(<|SWIZZLED|>, <|1ULL << 62 | 64ULL << 32 | 1 << 16|>)
WGMMA_FENCE, WGMMA_COMMIT, WGMMA_WAIT(PENDING): the products' order; all but PENDING groups of them are done.
m4_define(<|WGMMA_FENCE|>, <|asm volatile ("wgmma.fence.sync.aligned;" ::: "memory");|>)
m4_define(<|WGMMA_COMMIT|>, <|asm volatile ("wgmma.commit_group.sync.aligned;" ::: "memory");|>)
m4_define(<|WGMMA_WAIT|>, <|asm volatile ("wgmma.wait_group.sync.aligned $1;" ::: "memory");|>)
WGMMA_COMMIT_AND_WAIT(PENDING): both in one statement.
m4_define(<|WGMMA_COMMIT_AND_WAIT|>,
  <|asm volatile ("wgmma.commit_group.sync.aligned;\n wgmma.wait_group.sync.aligned $1;" ::: "memory");|>)
m4_divert(0)m4_dnl
