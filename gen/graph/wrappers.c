/* Words around tensors' names, by the program that writes them. */
#include "wrappers.h"

#include <fnmatch.h>
#include <string.h>

#include "base/util.h"

static const char *const around[] = {
  /* keys of checkpoints */
  "state_dict", "model_state_dict", "model_state", "net_state_dict", "network_state_dict", "model_dict",
  "network_weights",
  "weights", "params", "parameters", "state", "model_weights", "model_params", "model_sd", "net_state", "network_state",
  "net_dict", "module_state_dict", "backbone_state_dict", "encoder_state_dict", "classifier_state_dict", "checkpoint",
  "stateDict", "modelState", "online_network_state_dict",
  /* wrappers: DataParallel and DistributedDataParallel, torch.compile, FSDP, checkpointing, AveragedModel, DeepSpeed */
  "module", "_orig_mod", "_fsdp_wrapped_module", "_fpw_module", "_checkpoint_wrapped_module", "_forward_module",
  /* attributes that hold a network: Lightning, MONAI, Hugging Face, MMLab, SimCLR, MoCo, BYOL, DINO */
  "model", "_model", "net", "network", "backbone", "encoder", "resnet", "base_model", "base_encoder",
  "feature_extractor",
  "features", "trunk", "body", "visual", "image_encoder", "encoder_q", "online_encoder", "online_network",
  "online_backbone",
  "student", "teacher", "head", "cls_head", "core", "wrapped_model", "inner_model", "generator", "classifier",
  "cnn", "convnet", "extractor", "base_network", "base", "wrapped", "pl_module", "lit_model", "learner", "_module",
  "net_",
  "vision_model", "resnet18", "resnet34", "resnet50",
};

static const char *const copies[] = {
  "ema", "model_ema", "ema_model", "state_dict_ema", "ema_state_dict", "model_ema_state_dict", "ema_model_state_dict",
  "averaged_model", "swa_model", "shadow", "shadow_params", "ema_params", "encoder_k", "target_encoder",
  "target_network",
  "target_backbone", "target_network_state_dict", "params_ema", "momentum_encoder", "momentum_backbone",
  "backbone_momentum", "teacher_ema",
};

/* Wrappers of a part of a network: their words stand in the middle of names. */
static const char *const inside[] = { "_orig_mod", "_fsdp_wrapped_module", "_fpw_module", "_checkpoint_wrapped_module",
                                      "_forward_module" };

/* Beside the image's tower there is another one's: a text's. */
static const char *const towers[] = { "visual", "image_encoder", "vision_model" };

/* Of batch normalisation, AveragedModel, MoCo's queue, thop's counters, filters of timm's that blur (1 2 1). */
static const char *const buffers[] = { "num_batches_tracked", "n_averaged", "queue", "queue_ptr", "total_ops",
                                       "total_params", "_extra_state", "filt" };

/* How keys of other things begin. */
static const char *const others[] = {
  "optim", "opt_state", "lr_", "sched", "scaler", "grad_scaler", "amp", "rng", "random_", "callbacks", "loops",
  "hyper_parameters", "hparams", "args", "config", "cfg", "meta", "metrics", "history", "logging"
};

#define COUNT(list) (sizeof list / sizeof *list)

static bool
among (const char *const *list, size_t count, const char *word, size_t n)
{
  for (size_t i = 0; i < count; i++)
    if (strlen (list[i]) == n && !memcmp (list[i], word, n))
      return true;
  return false;
}

int
wrappers_off (const char *name, struct unwrapped list[WRAPPERS_MAX + 1])
{
  int count = 1;
  list[0] = (struct unwrapped){ name, false };
  for (const char *dot; count <= WRAPPERS_MAX && (dot = strchr (name, '.')) && dot[1]; name = dot + 1)
    {
      size_t n = (size_t) (dot - name);
      bool copy = among (copies, COUNT (copies), name, n);
      if (!copy && !among (around, COUNT (around), name, n))
        break;
      list[count] = (struct unwrapped){ dot + 1, copy || list[count - 1].copy };
      count++;
    }
  return count;
}

const char *
wrappers_inside (const char *name, size_t *container)
{
  struct text t = { 0 };
  size_t left = 0;
  for (const char *at = name; *at;)
    {
      size_t n = strcspn (at, "."), step = n + (at[n] == '.');
      if (!among (inside, COUNT (inside), at, n))
        {
          text_addn (&t, at, step);
          if ((size_t) (at - name) + step <= *container)
            left += step;
        }
      at += step;
    }
  if (!t.n || t.s[t.n - 1] == '.') /* a wrapper's word alone, or last */
    return name;
  *container = left;
  return t.s;
}

bool
wrappers_buffer (const char *name)
{
  const char *dot = strrchr (name, '.'), *last = dot ? dot + 1 : name;
  return among (buffers, COUNT (buffers), last, strlen (last));
}

size_t
wrappers_tower (const char *path, size_t n)
{
  size_t found = 0;
  for (size_t at = 0; at < n;)
    {
      const char *dot = memchr (path + at, '.', n - at);
      const size_t end = dot ? (size_t) (dot - path) : n;
      if (dot && among (towers, COUNT (towers), path + at, end - at))
        found = end + 1;
      at = end + 1;
    }
  return found;
}

bool
wrappers_no_weights (const char *path, size_t n)
{
  for (size_t at = 0; at < n;)
    {
      const char *dot = memchr (path + at, '.', n - at);
      for (size_t i = 0; i < COUNT (others); i++)
        if (n - at > strlen (others[i]) && !memcmp (path + at, others[i], strlen (others[i])))
          return true;
      at = dot ? (size_t) (dot - path) + 1 : n;
    }
  return false;
}

bool
wrappers_match (const char *pattern, const char *name)
{
  struct unwrapped list[WRAPPERS_MAX + 1];
  const char *below = mem_printf ("%s.*", pattern);
  int count = wrappers_off (name, list);
  for (int i = 0; i < count; i++)
    if (!fnmatch (pattern, list[i].rest, 0) || !fnmatch (below, list[i].rest, 0))
      return true;
  return false;
}
