/* Placing boxes and lines. Boxes are placed first, lines between neighbours need no place; all others get lanes beside
 * the boxes that they pass. */
#include "plot_layout.h"

#include <string.h>

#include "plot_label.h"

#define GAP 20.0       /* between boxes, … */
#define LABEL_GAP 26.0 /* … with a shape beside the line */
#define BRANCH 12.0    /* a line leaves the main one so far above the next box */
#define HEADER 25.0    /* of a stage's frame, … */
#define BLOCK_HEADER 9.0 /* … and of a block's, which stands beside the line */
#define PADDING 11.0   /* of frames */
#define LANE 14.0      /* from boxes to the first lane; between lanes it may be less */
#define LANE_STEP 9.0
#define ASIDE 22.0     /* from the main line's boxes to a shortcut's */
#define LEAST_WIDTH 58.0

/* What is placed so far of one column. */
struct placing
{
  const struct picture *p;
  struct arrangement *l;
  struct column_layout *c;
  double y, aside_y; /* where the next box may stand, and the next one aside */
  double *label;     /* of each box: how far the label of the line to it reaches */
};

bool
plot_enters (const struct picture *p, const struct link *l)
{
  return plot_column (p, l->from) != plot_column (p, l->to);
}

static bool
stands_aside (const struct picture *p, int b)
{
  return p->boxes[b].skip && p->g->nodes[p->boxes[b].first].op != OP_ADD;
}

/* The box of the main line above B in its column, or -1. */
static int
above (const struct placing *a, int b)
{
  for (int k = b - 1; k >= a->c->first; k--)
    if (!a->l->spots[k].aside)
      return k;
  return -1;
}

/* The link to B from the box above it, or from the column before for the first one; -1: it reads neither. */
static int
main_link (const struct placing *a, int b)
{
  const struct picture *p = a->p;
  const int from = above (a, b);
  for (int i = 0; i < p->link_count; i++)
    if (p->links[i].to == b && (from < 0 ? plot_enters (p, &p->links[i]) : p->links[i].from == from))
      return i;
  return -1;
}

/* The link to B, aside, from the box aside just above it; -1: none. */
static int
aside_link (const struct placing *a, int b)
{
  const struct picture *p = a->p;
  int from = b - 1;
  while (from >= a->c->first && !a->l->spots[from].aside)
    from--;
  for (int i = 0; from >= a->c->first && i < p->link_count; i++)
    if (p->links[i].to == b && p->links[i].from == from && p->boxes[from].place == p->boxes[b].place)
      return i;
  return -1;
}

static struct spot
size_of (const struct picture *p, int b)
{
  const struct plot_texts t = plot_texts (p, &p->boxes[b]);
  const double title = plot_text_width (t.title, 12, t.bold), rest = plot_text_width (t.rest, 10, false);
  struct spot s = { .width = (title > rest ? title : rest) + 22, .height = *t.rest ? 31 : 25 };
  s.width = s.width < LEAST_WIDTH ? LEAST_WIDTH : s.width;
  s.aside = stands_aside (p, b);
  return s;
}

/* Link I's tensor goes aside on its way to the next box. */
static bool
branches (const struct picture *p, int i)
{
  int readers = 0;
  for (int k = 0; k < p->link_count; k++)
    readers += p->links[k].tensor == p->links[i].tensor;
  return readers > 1;
}

static void
place_main (struct placing *a, int b)
{
  const struct picture *p = a->p;
  struct spot *s = &a->l->spots[b];
  const int link = main_link (a, b);
  const char *label = link >= 0 && plot_shape_worth (p, &p->links[link])
                          ? plot_shape (&p->g->tensors[p->links[link].tensor].shape) : NULL;
  const bool within = label && !plot_enters (p, &p->links[link])
                      && p->boxes[p->links[link].from].place == p->boxes[b].place;
  if (above (a, b) >= 0 || plot_column (p, b))
    a->y += within && branches (p, link) ? LABEL_GAP + BRANCH : label ? LABEL_GAP : GAP;
  for (int i = 0; i < p->link_count; i++) /* behind the shortcut that it reads */
    {
      const struct spot *from = &a->l->spots[p->links[i].from];
      if (p->links[i].to == b && !plot_enters (p, &p->links[i]) && from->aside && from->top + from->height + 6 > a->y)
        a->y = from->top + from->height + 6;
    }
  s->top = a->y;
  a->y += s->height;
  a->label[b] = within ? 8 + plot_text_width (label, 10, false) : 0;
}

/* The height at which box B, aside, may begin: that of the main line's box below the one that it reads. */
static double
beside (const struct placing *a, int b)
{
  const struct picture *p = a->p;
  double top = a->aside_y;
  for (int i = 0; i < p->link_count; i++)
    {
      const struct link *l = &p->links[i];
      if (l->to != b || plot_enters (p, l) || a->l->spots[l->from].aside)
        continue;
      int next = l->from + 1;
      while (next < b && a->l->spots[next].aside)
        next++;
      const struct spot *from = &a->l->spots[l->from];
      const double least = next < b ? a->l->spots[next].top : from->top + from->height + LABEL_GAP;
      top = least > top ? least : top;
    }
  return top;
}

/* The boxes of place I. */
static void
place_boxes (struct placing *a, int i)
{
  const struct picture *p = a->p;
  double widest = 0, widest_aside = 0;
  for (int b = a->c->first; b < a->c->end; b++)
    {
      double *most = a->l->spots[b].aside ? &widest_aside : &widest;
      if (p->boxes[b].place == i && a->l->spots[b].width / 2 > *most)
        *most = a->l->spots[b].width / 2;
    }
  a->aside_y = a->y + LABEL_GAP;
  for (int b = a->c->first; b < a->c->end; b++)
    {
      struct spot *s = &a->l->spots[b];
      if (p->boxes[b].place != i)
        continue;
      if (!s->aside)
        {
          place_main (a, b);
          continue;
        }
      s->x = widest + ASIDE + widest_aside;
      s->top = beside (a, b);
      a->aside_y = s->top + s->height + GAP;
    }
}

static void
place_places (struct placing *a, int column)
{
  const struct picture *p = a->p;
  for (int i = 0; i < p->place_count; i++)
    {
      const struct place *pl = &p->places[i];
      if (pl->column != column)
        continue;
      const bool opens = !i || pl[-1].column != column || pl[-1].stage != pl->stage;
      const bool closes = i + 1 == p->place_count || pl[1].column != column || pl[1].stage != pl->stage;
      if (a->y > 0)
        a->y += opens ? GAP : LABEL_GAP;
      if (opens && pl->stage)
        a->y += HEADER;
      a->c->places[i].top = a->y;
      a->y += pl->block ? BLOCK_HEADER : 0;
      place_boxes (a, i);
      a->y += pl->block ? PADDING : 0;
      a->c->places[i].bottom = a->y;
      a->y += closes && pl->stage ? PADDING : 0;
    }
}

/* How far to the right boxes, labels and lanes reach between the heights TOP and BOTTOM. */
static double
reach (const struct placing *a, double top, double bottom, bool lanes)
{
  double right = 0;
  for (int b = a->c->first; b < a->c->end; b++)
    {
      const struct spot *s = &a->l->spots[b];
      if (s->top < bottom && s->top + s->height > top && s->x + s->width / 2 > right)
        right = s->x + s->width / 2;
      if (s->top - LABEL_GAP < bottom && s->top > top && a->label[b] > right)
        right = a->label[b];
    }
  for (int i = 0; lanes && i < a->c->route_count; i++)
    {
      const struct route *r = &a->c->routes[i];
      if (r->kind == ROUTE_LANE && r->from < bottom && r->to > top && r->x > right)
        right = r->x;
    }
  return right;
}

/* A lane from the height FROM to TO, in which no other tensor runs there. */
static double
lane (struct placing *a, int tensor, double from, double to)
{
  double x = reach (a, from, to, false) + LANE;
  for (int i = 0; i < a->c->route_count; i++)
    {
      const struct route *r = &a->c->routes[i];
      const double apart = r->x > x ? r->x - x : x - r->x;
      if (r->kind != ROUTE_LANE || r->from >= to || r->to <= from)
        continue;
      a->l->chain = false;
      if (apart >= LANE_STEP || a->p->links[r->link].tensor == tensor)
        continue;
      x = (r->x > x ? r->x : x) + LANE_STEP; /* outwards alone, so that this ends */
      i = -1; /* look at all of them again */
    }
  return x;
}

/* Other boxes aside than B stand between the heights TOP and BOTTOM. */
static bool
crowded (const struct placing *a, int b, double top, double bottom)
{
  for (int k = a->c->first; k < a->c->end; k++)
    if (k != b && a->l->spots[k].aside && a->l->spots[k].top < bottom
        && a->l->spots[k].top + a->l->spots[k].height > top)
      return true;
  return false;
}

/* Where a line that goes aside leaves the main line below box FROM, -1 for the column's start. */
static double
branch_of (const struct placing *a, int from, int tensor)
{
  int next = from < 0 ? a->c->first : from + 1;
  while (next < a->c->end && a->l->spots[next].aside)
    next++;
  if (next == a->c->end)
    return a->y;
  const int link = main_link (a, next);
  const struct spot *s = &a->l->spots[next];
  const bool goes_on = link >= 0 && a->p->links[link].tensor == tensor;
  return goes_on || from < 0 ? s->top - BRANCH : a->l->spots[from].top + a->l->spots[from].height + 5;
}

/* Where in the side of L's reader it arrives: those that come from aside stand one below the other. */
static double
arrival (const struct placing *a, int link)
{
  const struct picture *p = a->p;
  const struct spot *s = &a->l->spots[p->links[link].to];
  const int straight = s->aside ? aside_link (a, p->links[link].to) : main_link (a, p->links[link].to);
  int count = 0, mine = 0;
  for (int i = 0; i < p->link_count; i++)
    if (p->links[i].to == p->links[link].to && i != straight)
      {
        mine = i == link ? count : mine;
        count++;
      }
  if (count > 1)
    a->l->chain = false;
  const double step = count > 1 ? (s->height - 8) / count : 0;
  return s->top + s->height / 2 + (mine - (count - 1) / 2.0) * (step > 7 ? 7 : step);
}

static void
route_aside (struct placing *a, int i)
{
  const struct picture *p = a->p;
  const struct link *l = &p->links[i];
  const bool enters = plot_enters (p, l);
  const struct spot *to = &a->l->spots[l->to], *from = enters ? NULL : &a->l->spots[l->from];
  struct route r = { .kind = ROUTE_LANE, .link = i, .to = arrival (a, i) };
  const bool from_aside = from && from->aside;
  r.start = from_aside ? from->x + from->width / 2 : 0;
  r.from = from_aside ? from->top + from->height / 2 : branch_of (a, enters ? -1 : l->from, l->tensor);
  if (to->aside && !from_aside && !crowded (a, l->to, r.from, to->top))
    r = (struct route){ .kind = ROUTE_OVER, .link = i, .x = to->x, .from = r.from, .to = to->top };
  else if (from_aside && !to->aside && !crowded (a, l->from, from->top, to->top))
    r = (struct route){ .kind = ROUTE_UNDER, .link = i, .x = from->x, .from = from->top + from->height, .to = r.to };
  else
    {
      a->l->chain &= !from_aside && !to->aside && l->skip && !crowded (a, -1, r.from, r.to);
      r.x = lane (a, l->tensor, r.from < r.to ? r.from : r.to, r.from < r.to ? r.to : r.from);
    }
  a->c->routes[a->c->route_count++] = r;
}

static void
route_column (struct placing *a, int column)
{
  const struct picture *p = a->p;
  a->c->routes = NEW_ARRAY ((size_t) p->link_count + 1, struct route);
  for (int b = a->c->first; b < a->c->end; b++)
    {
      const struct spot *s = &a->l->spots[b];
      const int i = s->aside ? aside_link (a, b) : main_link (a, b), up = above (a, b);
      if (i < 0)
        {
          a->l->chain &= s->aside || b == 0;
          continue;
        }
      const struct link *l = &p->links[i];
      const double from = s->aside ? a->l->spots[l->from].top + a->l->spots[l->from].height
                          : up < 0 ? 0 : a->l->spots[up].top + a->l->spots[up].height;
      struct route r = { .kind = ROUTE_DOWN, .link = i, .x = s->x, .start = s->x, .from = from, .to = s->top };
      r.label = plot_shape_worth (p, l) ? plot_shape (&p->g->tensors[l->tensor].shape) : NULL;
      r.label_at = !s->aside && branches (p, i) ? from + 14 : (from + s->top) / 2 + 3;
      if (s->aside && r.label)
        a->label[b] = s->x + 8 + plot_text_width (r.label, 10, false);
      if (plot_enters (p, l))
        r.label_at = from + 12;
      else if (p->boxes[l->from].place != p->boxes[b].place)
        r.label_at = from + PADDING + LABEL_GAP / 2 + 3;
      a->c->routes[a->c->route_count++] = r;
    }
  const int straight = a->c->route_count;
  for (int i = 0; i < p->link_count; i++)
    {
      bool drawn = plot_column (p, p->links[i].to) != column;
      for (int k = 0; k < straight; k++)
        drawn |= a->c->routes[k].link == i;
      if (!drawn)
        route_aside (a, i);
    }
}

/* Frames around what stands in them. */
static void
set_areas (struct placing *a, int column)
{
  const struct picture *p = a->p;
  struct area *w = &a->c->whole;
  for (int i = 0; i < p->place_count; i++)
    {
      struct area *f = &a->c->places[i];
      if (p->places[i].column != column)
        continue;
      const double padding = p->places[i].block ? PADDING : 2;
      f->right = reach (a, f->top, f->bottom, true) + padding;
      for (int b = a->c->first; b < a->c->end; b++)
        if (p->boxes[b].place == i && a->l->spots[b].x - a->l->spots[b].width / 2 - padding < f->left)
          f->left = a->l->spots[b].x - a->l->spots[b].width / 2 - padding;
      const double around = p->places[i].stage ? PADDING : 0;
      w->left = f->left - around < w->left ? f->left - around : w->left;
      w->right = f->right + around > w->right ? f->right + around : w->right;
    }
}

struct arrangement
plot_layout (const struct picture *p)
{
  struct arrangement l = { .p = p, .chain = true };
  l.spots = NEW_ARRAY ((size_t) p->box_count, struct spot);
  l.columns = NEW_ARRAY ((size_t) p->column_count, struct column_layout);
  for (int b = 0; b < p->box_count; b++)
    l.spots[b] = size_of (p, b);
  for (int column = 0, b = 0; column < p->column_count; column++)
    {
      struct column_layout *c = &l.columns[column];
      struct placing a = { .p = p, .l = &l, .c = c, .label = NEW_ARRAY ((size_t) p->box_count, double) };
      c->first = b;
      while (b < p->box_count && plot_column (p, b) == column)
        b++;
      c->end = b;
      c->places = NEW_ARRAY ((size_t) p->place_count, struct area);
      place_places (&a, column);
      c->out_start = a.y;
      route_column (&a, column);
      c->whole.bottom = a.y + (column + 1 < p->column_count ? GAP : 0);
      set_areas (&a, column);
    }
  return l;
}
