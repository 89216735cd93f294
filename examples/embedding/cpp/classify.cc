// An image's class by the network digits, from C++17: several threads, each with a context of its own that frees itself, share
// the weights and one pool. CMakeLists.txt beside this file finds the installed library.
#include "digits.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static void
check (int error)
{
  if (error)
    throw std::runtime_error (rescast_strerror (error));
}

// What all contexts share. Neither is copied or moved, as contexts have their addresses.
struct Weights : rescast_weights
{
  explicit Weights (const char *path) { check (digits_weights_map (this, path)); }
  ~Weights () { rescast_weights_unmap (this); }
  Weights (const Weights &) = delete;
  Weights &operator= (const Weights &) = delete;
};

struct Pool : rescast_pool
{
  explicit Pool (int threads)
  {
    rescast_config config{};
    config.threads = threads;
    check (rescast_pool_start (this, &config, digits_STACK_BYTES));
  }
  ~Pool () { rescast_pool_free (this); }
  Pool (const Pool &) = delete;
  Pool &operator= (const Pool &) = delete;
};

class Network
{
public:
  Network (const Weights &weights, Pool &pool)
  {
    rescast_config config{};
    config.pool = &pool;
    check (digits_init (&net, &weights, arena, sizeof arena, &config));
  }
  ~Network () { digits_free (&net); }
  Network (const Network &) = delete;
  Network &operator= (const Network &) = delete;

  std::vector<float>
  run (const std::vector<unsigned char> &pixels)
  {
    std::vector<float> scores (digits_OUTPUT_FLOATS);
    rescast_elements image{};
    image.data = pixels.data ();
    image.element = RESCAST_UINT8;
    image.prepare = 1;
    check (digits_run_elements (&net, &image, scores.data ()));
    return scores;
  }

private:
  struct digits net;
  alignas (64) unsigned char arena[digits_ARENA_BYTES];
};

static std::vector<unsigned char>
read_image (const char *path)
{
  std::ifstream file (path, std::ios::binary);
  std::string magic;
  int width = 0, height = 0, most = 0;
  file >> magic >> width >> height >> most;
  file.get ();
  if (!file || magic != "P5" || width * height != digits_INPUT_FLOATS || most != 255)
    throw std::runtime_error ("no PGM file of the network's size");
  std::vector<unsigned char> pixels (digits_INPUT_FLOATS);
  file.read (reinterpret_cast<char *> (pixels.data ()), static_cast<std::streamsize> (pixels.size ()));
  if (!file)
    throw std::runtime_error ("truncated");
  return pixels;
}

int
main (int argc, char **argv)
try
  {
    if (argc < 2 || rescast_abi () != RESCAST_ABI)
      throw std::runtime_error (argc < 2 ? "classify IMAGE.pgm..." : "libdigits is of another ABI than digits.h");
    const Weights weights (WEIGHTS);
    Pool pool (2);
    std::vector<std::thread> threads;
    std::vector<std::string> classes (static_cast<std::size_t> (argc) - 1);
    for (std::size_t i = 0; i < classes.size (); i++)
      threads.emplace_back ([&, i] {
        try
          {
            const auto network = std::make_unique<Network> (weights, pool);
            const auto scores = network->run (read_image (argv[i + 1]));
            const auto best = std::max_element (scores.begin (), scores.end ()) - scores.begin ();
            classes[i] = digits_info ()->labels[best];
          }
        catch (const std::exception &e)
          {
            classes[i] = std::string (argv[i + 1]) + ": " + e.what ();
          }
      });
    for (auto &thread : threads)
      thread.join ();
    for (const auto &name : classes)
      std::cout << name << '\n';
  }
catch (const std::exception &e)
  {
    std::cerr << e.what () << '\n';
    return 1;
  }
