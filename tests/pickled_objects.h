/* Objects in pickles that are no tensors, for the tests that write checkpoints. */
#ifndef RESCAST_TESTS_PICKLED_OBJECTS_H
#define RESCAST_TESTS_PICKLED_OBJECTS_H

#include "weights_bytes.h"

/* What is made in one of the ways that pickles know: a letter. */
static inline void
pk_object (struct bytes *b, int way)
{
  switch (way)
    {
    case 'R': /* REDUCE */
      b_str (b, "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(U\2f8K\1K\1tRU\10abcdefghtR");
      break;
    case 'S': /* STACK_GLOBAL, MEMOIZE */
      b_str (b, "\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R\x94");
      break;
    case 'N': /* NEWOBJ, BUILD */
      b_str (b, "cargparse\nNamespace\n)\x81}U\2lrK\1sb");
      break;
    case 'X': /* NEWOBJ_EX */
      b_str (b, "cdatetime\ntimedelta\n)}U\4daysK\1s\x92");
      break;
    case 'I': /* INST */
      b_str (b, "(K\1imodule\nClass\n}b");
      break;
    case 'O': /* OBJ */
      b_str (b, "(cmodule\nClass\nK\1o}b");
      break;
    case 'E': /* EXT1, EXT2, EXT4 and calls of what they stand for */
      b_str (b, "\x82\x01)R\x83\x02\x01)R\x86\x84\x01\x02\x03\x04)R\x86");
      break;
    case 'P': /* PERSID, and an id that is no storage's */
      b_str (b, "Pabc\nU\3abcQ\x86");
      break;
    case 'C': /* Counter, a dictionary's subclass with items */
      b_str (b, "ccollections\nCounter\n}K\1K\2s\x85R");
      break;
    case 'F': /* sets, bytes, numbers of every kind */
      b_str (b, "(\x8f(K\1K\2\x90(K\3\x91I01\nI12\nL123456789012345678901L\nF1.5\nS'a'\nVb\nC\1xtp9\n0g9\n");
      break;
    case 'D': /* deque: a list's subclass */
      b_str (b, "ccollections\ndeque\n)R(K\1K\2eK\3a");
      break;
    case 'T': /* tensors that are not read: sparse, quantised, complex, of another function */
      b_str (
          b,
          "(ctorch._utils\n_rebuild_sparse_tensor\n(ctorch\nsparse_coo\n(K\1ttRctorch._utils\n_rebuild_tensor_v3\n)R");
      pk_tensor (b, "ComplexFloatStorage", "90", 1, 0, 0, NULL, NULL, 0);
      pk_tensor (b, "NewFloatStorage", "91", 1, 0, 0, NULL, NULL, 0);
      b_str (b, "t");
      break;
    case 'M': /* the class of a whole module, as the legacy format names it, and an object of it */
      b_str (b, "(U\6modulecmodels\nNet\nU\4fileU\4texttQ)\x81}U\13_parametersNsb");
      break;
    case 'Y': /* a dictionary that holds itself twice */
      b_str (b, "}q@(U\4selfh@U\5againh@\x85u");
      break;
    case 'V': /* c.bias with its signs turned */
      b_str (b, "ctorch._utils\n_rebuild_tensor_v2\n(("
                "U\7storagectorch\nFloatStorage\nU\0011U\3cpuK\2tQI0\nK\2\x85K\1\x85\x89}"
                "}U\3neg\x88stR");
      break;
    default:
      abort ();
    }
}

#endif
