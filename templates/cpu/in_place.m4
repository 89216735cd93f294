m4_divert(-1)
Channels that lie where they have to: the layers in front wrote them into this layer's result, which is a tensor of
theirs joined, or a part of one.
require(<|FUNCTION|>)
m4_divert(0)m4_dnl
HEAD
void
FUNCTION (const void *restrict input, const void *restrict addend, const void *restrict weights, m4_dnl
void *restrict output, struct rescast_part t, int n)
{
  UNUSED(input, addend, weights, output, t, n)
}
