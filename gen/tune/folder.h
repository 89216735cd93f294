/* What tuning a folder takes, whatever the backend: its network and weights again, and a place for what is compiled. */
#ifndef RESCAST_TUNE_FOLDER_H
#define RESCAST_TUNE_FOLDER_H

#include "generate/manifest.h"

struct choosing;

/* A temporary folder, the same at every call, removed when the program ends. */
const char *tune_work (void);
/* Values for the parameters of M, the folder DIR's: those that it was made with, of the file PATH or, NULL, of none. */
struct weights *tune_weights (const char *dir, struct manifest *m, const char *path, const struct weights_use *use);
/* The network again in precision P, before all passes; parameters keep their values. */
struct graph *tune_fresh (const struct manifest *m, const struct choosing *how, enum precision p);

#endif
