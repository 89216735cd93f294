/* `rescast report DIR`: a generated network as one page of HTML that needs nothing else: what it consists of, which
 * kernels compute it and why, where its tensors lie, how long its layers take, and what verify found. */
#ifndef RESCAST_REPORT_REPORT_H
#define RESCAST_REPORT_REPORT_H

#include <stddef.h>

struct report_options
{
  const char *dir;     /* the generated folder */
  const char *page;    /* -o; NULL: DIR/NAME.html */
  const char *const *times; /* --times: files of what the program's --profile --json printed */
  size_t times_count;
  const char *junit;   /* --junit: verify's report; or NULL */
  bool verify;         /* --verify: run it */
  double seconds;      /* --seconds: to measure for, about; 0: do not */
  int threads;         /* --threads of the program; 0: its default */
  double peak;         /* --peak: 10^9 multiply-adds a second of one thread; 0: as the backend has it */
  double bandwidth;    /* --bandwidth: GB a second of one thread; 0: as the backend has it */
};

/* The exit status: 1 where verify found something, otherwise 0. */
int report_run (const struct report_options *o);

#endif
