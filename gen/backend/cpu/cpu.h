/* CPUs as a backend. */
#ifndef RESCAST_BACKEND_CPU_CPU_H
#define RESCAST_BACKEND_CPU_CPU_H

#include "backend/backend.h"

extern const struct backend cpu_backend;

#endif
