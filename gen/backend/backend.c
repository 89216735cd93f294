#include "backend.h"

#include <stddef.h>

const struct backend *const device_backends[] = { &cuda_backend, NULL };
