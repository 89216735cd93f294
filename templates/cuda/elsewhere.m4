m4_divert(-1)
Included before mma.m4 by kernels that have a body of their own on sm_90a: without this mma.m4 would write a second one,
which no compiler ever reads.
m4_define(<|STAGES|>, IF(WGMMA, STAGES_ELSEWHERE, STAGES))
m4_define(<|WGMMA|>, 0)
m4_divert(0)m4_dnl
