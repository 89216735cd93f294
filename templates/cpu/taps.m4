Taps that would read nothing but padding, planes or rows of it, are passed over. FEWER_D, FEWER_H: are there any? TAPS_D,
TAPS_H: the first of the others and their end, for each plane of the output and for each strip of rows.
require(<|FEWER_D|>, <|FEWER_H|>, <|TAPS_D|>, <|TAPS_H|>)
A tile without loops takes all taps.
m4_define(<|SOME_D|>, <|m4_eval(FEWER_D && !WHOLE_TILE)|>)
m4_define(<|SOME_H|>, <|m4_eval(FEWER_H && !WHOLE_TILE)|>)
PARTIAL: a tap's weights do not always follow those of the tap before.
m4_define(<|PARTIAL|>, <|m4_eval(SOME_D || SOME_H)|>)
SOME_TAPS(VAR, COUNT, SOME, RANGE, BODY): those in RANGE where SOME says so, and all otherwise.
m4_define(<|SOME_TAPS|>, <|IF($3, <|for (int $1 = $4.first; $1 < $4.end; $1++)
$5|>, <|EACH_TAP(<|$1|>, <|$2|>, <|$5|>)|>)|>)
OF_BLOCK(COUNT, TAPS), WEIGHTS_OF_TAP(COUNT): q is at the weights of TAPS, COUNT input channels each, and behind them then.
m4_define(<|OF_BLOCK|>, <|IF(PARTIAL, <|{
          const float *of_block = q;
          $2
          q = of_block + m4_eval(K_D * K_H * K_W * $1 * 16);
        }|>, <|$2|>)|>)
m4_define(<|WEIGHTS_OF_TAP|>, <|IF(PARTIAL, <|q = of_block<||>TERM(kd, K_D, m4_eval(K_H * K_W * $1 * 16))<||>TERM(kh, K_H, m4_eval(K_W * $1 * 16))<||>TERM(kw, K_W, m4_eval($1 * 16));|>)|>)
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
m4_define(<|TAPS_OF_STRIP|>, <|IF(SOME_D, <|const struct taps planes = taps_of_plane[IF(OUT_D > 1, d, 0)];|>)
      IF(SOME_H, <|const struct taps rows = taps_of_strip[$1];|>)|>)
