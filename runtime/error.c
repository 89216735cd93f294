/* The names of errors. */
#include "rescast.h"

const char *
rescast_strerror (int error)
{
  switch (error)
    {
    case RESCAST_OK:
      return "no error";
    case RESCAST_EINVAL:
      return "a null pointer or a value out of range";
    case RESCAST_EOPEN:
      return "the weights file cannot be opened or mapped";
    case RESCAST_EFORMAT:
      return "not a rescast weights file, or a truncated one";
    case RESCAST_EVERSION:
      return "made by another version of rescast; generate code and weights with the same one";
    case RESCAST_EMATCH:
      return "the weights were packed for another network";
    case RESCAST_EHASH:
      return "the weights are damaged: their bytes do not have the hash they were written with";
    case RESCAST_EARENA:
      return "the arena is too small or not aligned to 64 bytes";
    case RESCAST_ETHREAD:
      return "a thread could not be started";
    case RESCAST_ECPU:
      return "this CPU lacks the instructions that the network was generated for";
    case RESCAST_EDRIVER:
      return "no NVIDIA driver, or one that finds no GPU";
    case RESCAST_EDEVICE:
      return "there is no GPU of that number";
    case RESCAST_ECODE:
      return "no code for this GPU, and none can be compiled";
    case RESCAST_EMEMORY:
      return "too little memory on the GPU";
    case RESCAST_ECUDA:
      return "a call of the NVIDIA driver's failed";
    case RESCAST_EORDER:
      return "the weights have numbers of several sizes, which a big-endian machine cannot use";
    }
  return "unknown error";
}
