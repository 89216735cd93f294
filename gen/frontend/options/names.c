/* Names that become C symbols and files. */
#include "keys.h"

#include <ctype.h>
#include <string.h>

/* Names that something else has, by what that is. NAME is a structure's tag in C and C++ and the beginning of functions
 * and macros; with its folder in a compiler's search paths NAME.h and NAME, a program, are found in place of headers,
 * and libNAME.a in place of a library. Names of mere functions, such as gamma or main, clash with nothing and are
 * allowed. Allowed as well are names of rare headers and structures that suit a network, such as generator or
 * option. */
static const struct { const char *what, *names; } taken[] = {
  { "a word of C or C++",
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class "
    "co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue "
    "contract_assert decltype default delete do double dynamic_cast else enum explicit export extern false float "
    "for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq "
    "private protected public register reinterpret_cast requires restrict return short signed sizeof static "
    "static_assert static_cast std struct switch template this thread_local throw true try typedef typeid "
    "typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq " },
  { "a type of the system's headers",
    " addrinfo aiocb atomic_bool atomic_char atomic_flag atomic_int atomic_llong atomic_long atomic_schar "
    "atomic_short atomic_uchar atomic_uint atomic_ullong atomic_ulong atomic_ushort cmsghdr dirent dirent64 "
    "drand48_data fd_mask fd_set flock flock64 hostent ifaddrs if_nameindex in6_addr in_addr iovec ip_mreq "
    "ipv6_mreq itimerspec itimerval jmp_buf lconv mallinfo memory_order mq_attr msghdr netent nl_catd nl_item "
    "obstack passwd pollfd protoent qelem random_data rlimit rusage sched_param servent sigaction sigevent "
    "sigjmp_buf sigstack sigval sockaddr sockaddr_in sockaddr_in6 sockaddr_storage sockaddr_un stat stat64 statfs "
    "statvfs statx termios timespec timeval timex timezone tm tms u_char u_int u_long u_short ucred uint ulong "
    "ushort utimbuf utmpx utsname va_list Dl_info " },
  { "a type of CUDA's headers",
    " char1 char2 char3 char4 dim3 double1 double2 double3 double4 float1 float2 float3 float4 half half2 int1 "
    "int2 int3 int4 long1 long2 long3 long4 longlong1 longlong2 longlong3 longlong4 nv_bfloat16 nv_bfloat162 "
    "nv_half nv_half2 short1 short2 short3 short4 uchar1 uchar2 uchar3 uchar4 uint1 uint2 uint3 uint4 ulong1 "
    "ulong2 ulong3 ulong4 ulonglong1 ulonglong2 ulonglong3 ulonglong4 ushort1 ushort2 ushort3 ushort4 " },
  { "a macro of the system's headers or of a compiler",
    " assert complex d_ino errno h_addr h_errno i386 imaginary linux math_errhandling mips noreturn sa_handler "
    "sa_sigaction sparc si_addr si_band si_int si_pid si_ptr si_status si_uid si_value st_atime st_ctime st_mtime "
    "stderr stdin stdout sun unix P_tmpdir " },
  { "a header",
    " aio algorithm alloca any ar argp argz array atomic bit bitset byteswap cassert ccomplex cctype cerrno cfenv "
    "cfloat charconv chrono cinttypes ciso646 climits clocale cmath codecvt compare concepts condition_variable "
    "coroutine cpio cpuid crypt csetjmp csignal cstdalign cstdarg cstdbool cstddef cstdint cstdio cstdlib cstring "
    "ctgmath ctime ctype cuchar cwchar cwctype cxxabi deque dirent dlfcn endian envz err error exception execinfo "
    "execution fcntl features fenv filesystem flat_map flat_set fmtmsg fnmatch format forward_list fstab fstream "
    "ftw functional future getopt grp iconv ifaddrs immintrin initializer_list inttypes iomanip ios iosfwd "
    "iostream iso646 istream iterator jconfig jerror jmorecfg jpegint jpeglib langinfo libgen libintl limits list "
    "locale malloc map math mcheck mdspan memory memory_resource mntent monetary mqueue mutex ndbm netdb new "
    "nifti1 nifti1_io nifti2 nl_types numbers numeric omp optional ostream png pngconf pnglibconf poll print "
    "printf pthread pty pwd queue random ranges ratio regex resolv sched scoped_allocator semaphore set setjmp "
    "sgtty shared_mutex signal source_location span spanstream spawn sstream stack stacktrace stdalign stdarg "
    "stdatomic stdbit stdbool stdckdint stddef stdexcept stdfloat stdint stdio stdio_ext stdlib stdnoreturn "
    "stop_token streambuf string string_view strings stropts strstream syncstream syscall sysexits syslog "
    "system_error termio termios tgmath thread threads time tuple type_traits typeindex typeinfo uchar ucontext "
    "ulimit unistd unordered_map unordered_set utility utime utmp utmpx valarray variant vector version wait "
    "wchar wctype wordexp zconf zlib znzlib " },
  { "a library",
    " asan c crypt cuda cudart dl gcc gcc_eh gcc_s gomp itm jpeg lsan m niftiio nvrtc omp png png16 pthread "
    "quadmath resolv rt ssp tsan ubsan util z znz " },
  { "the beginning of a library's functions",
    " aio cnd fanotify inet6_opt inet6_option inet6_rth inotify jpeg_consume jpeg_mem malloc mtx nifti_copy_nim "
    "nifti_image obstack omp_target pkey png_image png_read png_read_update png_set_user_transform png_write "
    "posix_spawn_file_actions posix_spawnattr printf_size sem thrd tss xdr " },
  { "a file or target of generated folders",
    " CMakeLists GNUmakefile Makefile all check clean dist edit_cache help install lib makefile package package_source "
    "rebuild_cache rescast runtime test uninstall " },
};

/* Beginnings that whole families of names have. */
static const struct { const char *what, *prefix; } families[] = {
  { "a name of rescast's runtime", "rescast_" }, { "a name of rescast's runtime", "cli_" },
  { "a name of the thread library", "pthread_" }, { "a macro of <math.h>", "M_" },
  { "a macro of <sys/syscall.h>", "SYS_" },       { "a macro of <stdio.h>", "L_" },
};

/* The types of the system's headers that end in _t, without it; those of <stdatomic.h> have atomic_ before one of
 * them. */
static const char types[] =
  " blkcnt blkcnt64 blksize caddr cc char16 char32 char8 clock clockid cnd comparison_fn cookie_close_function "
  "cookie_io_functions cookie_read_function cookie_seek_function cookie_write_function cpu_set daddr dev div double "
  "epoll_data errno error eventfd femode fenv fexcept float fpos fpos64 fpregset fsblkcnt fsblkcnt64 fsfilcnt "
  "fsfilcnt64 fsid gid glob glob64 greg gregset iconv id idtype imaxdiv in_addr in_port ino ino64 int16 int32 int64 "
  "int8 int_fast16 int_fast32 int_fast64 int_fast8 int_least16 int_least32 int_least64 int_least8 intmax intptr key "
  "ldiv lldiv locale loff max_align mbstate mcontext mode mqd msglen msgqnum mtx nfds nlink nullptr off off64 pid "
  "posix_spawn_file_actions posix_spawnattr ptrdiff quad regex register regmatch regoff rlim rlim64 rsize sa_family "
  "sem shmatt sig sig_atomic sigevent sighandler siginfo sigset sigval size socklen speed ssize stack suseconds tcflag "
  "thrd thrd_start time timer tss tss_dtor u_int16 u_int32 u_int64 u_int8 u_quad ucontext uid uint16 uint32 uint64 "
  "uint8 uint_fast16 uint_fast32 uint_fast64 uint_fast8 uint_least16 uint_least32 uint_least64 uint_least8 uintmax "
  "uintptr useconds uuid wchar wctrans wctype wint wordexp ";

/* The macros of <inttypes.h>: PRIu64, SCNxPTR. */
static bool
is_format (const char *name)
{
  return (!strncmp (name, "PRI", 3) || !strncmp (name, "SCN", 3)) && name[3] && strchr ("dioux", name[3])
         && !islower ((unsigned char) name[4]);
}

static bool
is_type (const char *name)
{
  size_t n = strlen (name);
  if (n < 3 || strcmp (name + n - 2, "_t"))
    return false;
  size_t skip = n > 9 && !strncmp (name, "atomic_", 7) ? 7 : 0;
  return strstr (types, mem_printf (" %.*s ", (int) (n - 2 - skip), name + skip)) != NULL;
}

/* What a well-formed name is already, or NULL. */
static const char *
owner (const char *name)
{
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (strstr (taken[i].names, mem_printf (" %s ", name)))
      return taken[i].what;
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (!strncmp (name, families[i].prefix, strlen (families[i].prefix)))
      return families[i].what;
  if (is_type (name))
    return "a type of the system's headers";
  return is_format (name) ? "a macro of <inttypes.h>" : NULL;
}

const char *
name_problem (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t n = strlen (name);
  if (!n || n > 63)
    return n ? "too long" : "empty";
  if (name[strspn (name, letters)] || isdigit ((unsigned char) *name))
    return "no C identifier";
  if (*name == '_')
    return "kept for compilers, as all names that begin with _";
  if (!strpbrk (name, "abcdefghijklmnopqrstuvwxyz"))
    return "in capitals, as macros are";
  return owner (name);
}

char *
default_name (const char *path)
{
  const char *slash = strrchr (path, '/'), *stem = slash ? slash + 1 : path, *dot = strrchr (stem, '.');
  size_t n = dot && dot > stem ? (size_t) (dot - stem) : strlen (stem);
  char *name = mem_strndup (stem, n < 58 ? n : 58);
  for (char *p = name; *p; p++)
    if (!isalnum ((unsigned char) *p))
      *p = '_';
  return name_problem (name) ? mem_printf ("net_%s", name) : name;
}
