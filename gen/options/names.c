/* Names that become C symbols and files. */
#include "keys.h"

#include <ctype.h>
#include <string.h>

/* Words that C or C++ keep for themselves, macros of libc, files and targets of the generated folder, and headers that
 * NAME.h would be taken for. */
static const char reserved[]
    = " auto break case char const continue default do double else enum extern float for goto if inline int long "
      "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
      "asm bool catch class delete explicit export false friend mutable namespace new nullptr operator private "
      "protected public template this throw true try typeid typename using virtual wchar_t alignas alignof constexpr "
      "decltype noexcept thread_local and or not xor compl bitand bitor typeof concept requires "
      "errno stdin stdout stderr assert NULL EOF I complex linux unix "
      "rescast runtime Makefile all clean install check "
      "ctype dirent errno fcntl inttypes jpeglib limits math png pthread setjmp signal stdatomic stdint stdio stdlib "
      "string time unistd zlib ";

const char *
name_problem (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t n = strlen (name);
  if (!n || n > 63)
    return n ? "too long" : "empty";
  if (name[strspn (name, letters)] || isdigit ((unsigned char) *name))
    return "no C identifier";
  if (*name == '_' || !strncmp (name, "rescast_", 8) || 0
      || strstr (reserved, mem_printf (" %s ", name)))
    return "reserved";
  /* as the templates' parameters and macros are */
  if (!strpbrk (name, "abcdefghijklmnopqrstuvwxyz"))
    return "all capitals";
  return NULL;
}

char *
default_name (const char *path)
{
  const char *slash = strrchr (path, '/'), *stem = slash ? slash + 1 : path, *dot = strrchr (stem, '.');
  size_t n = dot && dot > stem ? (size_t) (dot - stem) : strlen (stem);
  char *name = mem_strndup (stem, n < 59 ? n : 59);
  for (char *p = name; *p; p++)
    if (!isalnum ((unsigned char) *p))
      *p = '_';
  return name_problem (name) ? mem_printf ("net_%s", name) : name;
}
