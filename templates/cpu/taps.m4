Taps that would read nothing but padding, planes or rows of it, are passed over. FEWER_D, FEWER_H: are there any?
TAPS_D,
TAPS_H: the first of the others and their end, for each plane of the output and for each strip of rows.
require(<|FEWER_D|>, <|FEWER_H|>, <|TAPS_D|>, <|TAPS_H|>)
A tile without loops takes all taps.
m4_define(<|SOME_D|>, <|m4_eval(FEWER_D && !WHOLE_TILE)|>)
m4_define(<|SOME_H|>, <|m4_eval(FEWER_H && !WHOLE_TILE)|>)
Whole blocks of input channels; the smaller of the two sizes of tiles.
m4_define(<|FULL_BLOCKS|>, m4_eval(GROUP_BLOCKS - (LAST_CHANNELS < BLOCK)))
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
PARTIAL: a tap's weights do not always follow those of the tap before.
m4_define(<|PARTIAL|>, <|m4_eval(SOME_D || SOME_H)|>)
m4_define(<|ALL_TAPS|>, <|m4_eval(K_D * K_H * K_W)|>)
SOME_TAPS(VAR, COUNT, SOME, RANGE, BODY): those in RANGE where SOME says so, and all otherwise.
m4_define(<|SOME_TAPS|>, <|IF($3, <|for (int $1 = $4.first; $1 < $4.end; $1++)
$5|>, <|EACH_TAP(<|$1|>, <|$2|>, <|$5|>)|>)|>)
EACH_WINDOW_TAP(BODY): BODY, a statement or a block, for all of them.
m4_define(<|EACH_WINDOW_TAP|>, <|SOME_TAPS(kd, K_D, SOME_D, planes, <|SOME_TAPS(kh, K_H, SOME_H, rows,
<|EACH_TAP(kw, K_W, <|$1|>)|>)|>)|>)
OF_BLOCK(COUNT, TAPS), WEIGHTS_OF_TAP(COUNT): q is at the weights of TAPS, COUNT input channels each, and behind them
then, where there are more blocks of input channels.
m4_define(<|OF_BLOCK|>, <|IF(PARTIAL, <|BRACED(GROUP_BLOCKS > 1, <|const float *of_block = q;
          $2
          IF(GROUP_BLOCKS > 1, <|q = of_block + m4_eval(ALL_TAPS * $1 * BLOCK);|>)|>)|>, <|$2|>)|>)
m4_define(<|WEIGHTS_OF_TAP|>, <|IF(PARTIAL, <|q = of_block<||>TERM(kd, K_D, m4_eval(K_H * K_W * $1 * BLOCK))m4_dnl
TERM(kh, K_H, m4_eval(K_W * $1 * BLOCK))TERM(kw, K_W, m4_eval($1 * BLOCK));|>)|>)
m4_define(<|TAPS_PARAMETERS|>, <|IF(SOME_D, <|struct taps planes, |>)IF(SOME_H, <|struct taps rows, |>)|>)
m4_define(<|TAPS_ARGUMENTS|>, <|IF(SOME_D, <|planes, |>)IF(SOME_H, <|rows, |>)|>)
TAPS_TABLES: for all planes and strips; TAPS_OF_STRIP(STRIP): of plane d's.
m4_define(<|TAPS_TABLES|>, <|IF(PARTIAL, <|
struct taps
{
  int first, end;
};
|>)IF(SOME_D, <|
/* The taps along the depth that read more than padding, for each plane of the output. */
static const struct taps taps_of_plane[] = { TAPS_D };
|>)IF(SOME_H, <|
/* The taps along the height that do, for each strip. */
static const struct taps taps_of_strip[] = { TAPS_H };
|>)|>)
m4_define(<|TAPS_OF_STRIP|>, <|IF(SOME_D, <|const struct taps planes = taps_of_plane[INDEX_OF(d, OUT_D)];|>)
      IF(SOME_H, <|const struct taps rows = taps_of_strip[$1];|>)|>)
PREFETCH_NEXT(BLOCKS): the weights that follow those of a run, if the thread has a use for them, and how many of them
each channel in the run's tiles prefetches; o counts tiles of so many output blocks.
m4_define(<|PREFETCH_NEXT|>, <|const int tiles = r.end - r.column;
      const int follows = r.left > tiles && o < m4_eval(OUT_TILES - 1);
      const int step = follows ? (m4_eval(BLOCK - 1) + tiles) / tiles : 0;
      const float *next = w + (size_t) (o + follows) * m4_eval($1 * OUT_BLOCK_WEIGHTS);|>)
Where groups read different blocks of input channels: the table of the first one that each block of output channels
reads.
m4_define(<|FIRST_BLOCKS_TABLE|>, <|IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)|>)
m4_define(<|FIRST_BLOCK_AT|>, <|IF(GROUPED, <| + (size_t) first_block[INDEX_OF(o, OUT_BLOCKS)] * IN_BLOCK<||>|>)|>)
