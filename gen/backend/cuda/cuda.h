/* NVIDIA GPUs as a backend. */
#ifndef RESCAST_BACKEND_CUDA_CUDA_H
#define RESCAST_BACKEND_CUDA_CUDA_H

#include "backend/backend.h"

extern const struct backend cuda_backend;

#endif
