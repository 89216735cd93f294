/* The list of backends: the only file that knows them all. */
#include <stddef.h>

#include "backend/cpu/cpu.h"
#include "backend/cuda/cuda.h"

const struct backend *const host_backend = &cpu_backend;
const struct backend *const device_backends[] = { &cuda_backend, NULL };
