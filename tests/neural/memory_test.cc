// Memory of a step of the game: small, the same whatever the batch, and used again.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <vector>

#include "tests/neural/world.h"
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include "femto/core/threads.h"
#include "femto/neural/game.h"
#include "femto/neural/runtime.h"
#include "femto/neural/training.h"

// The C library's heap under its other names: what is defined below stands before it for
// all of the program, so that tensors, vectors and BLAS are counted alike.
extern "C" {
void* heap_malloc(std::size_t) __asm__("__libc_malloc");
void* heap_calloc(std::size_t, std::size_t) __asm__("__libc_calloc");
void* heap_realloc(void*, std::size_t) __asm__("__libc_realloc");
void* heap_memalign(std::size_t, std::size_t) __asm__("__libc_memalign");
void heap_free(void*) __asm__("__libc_free");
}

namespace {

std::atomic<std::size_t> used = 0, peak = 0, blocks = 0;

void* taken(void* p) {
  if (!p) return p;
  const std::size_t now = used += malloc_usable_size(p);
  std::size_t highest = peak;
  while (now > highest && !peak.compare_exchange_weak(highest, now)) {
  }
  ++blocks;
  return p;
}

void* given(void* p) {
  if (p) used -= malloc_usable_size(p);
  return p;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
  return taken(heap_malloc(size));
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return taken(heap_calloc(count, size));
}

void* realloc(void* p, std::size_t size) noexcept {
  return taken(heap_realloc(given(p), size));
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return taken(heap_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return taken(heap_memalign(alignment, size));
}

int posix_memalign(void** p, std::size_t alignment, std::size_t size) noexcept {
  *p = taken(heap_memalign(alignment, size));
  return *p ? 0 : ENOMEM;
}

void free(void* p) noexcept {
  heap_free(given(p));
}
}

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

/// A game with the published generator and the sampler's published grid.
struct Play {
  World world;
  Standardiser standard = Standardiser::fit(Scaling::mean_sd, *world.theory, world.data);
  std::unique_ptr<Sampler> sampler = build<Sampler>("{type: inverse_cdf, nodes: 1001}");
  Simulator simulator{world.experiment, *sampler, standard, 1, 0};
  RealEvents real{*world.theory, world.data, {}, standard, 1, {}};
  std::unique_ptr<Game> game;

  Play(std::vector<int> discriminator, int sets, int events) {
    prepare_runtime();
    world.generator = build<Generator>("mlp");
    GanSettings s;
    s.discriminator.hidden = std::move(discriminator);
    s.parameter_samples = sets;
    s.events_per_sample = events;
    game = std::make_unique<Game>(game_settings(s, world.task()),
                                  on_cpu(simulator),
                                  real,
                                  world.setup,
                                  SideTerm{},
                                  1,
                                  0);
  }
};

/// What a step is given and what it makes, of every event and column: the real events,
/// the generated ones in double and in single precision, and their gradient.
constexpr std::size_t bytes_of_event = 2 * (4 + 8 + 4 + 4);

long page_faults() {
  rusage all{};
  getrusage(RUSAGE_SELF, &all);
  return all.ru_minflt;
}

}  // namespace

TEST(GameMemory, StaysBelow64MegabytesBeyondInputsAndOutputs) {
  set_threads(2);
  std::size_t smaller = 0;
  for (const int sets : {128, 1024}) {
    const std::size_t before = used;
    const Play play({128, 128, 128, 128}, sets, 100);
    peak = used.load();
    play.game->step();
    const auto rows = static_cast<std::size_t>(sets) * 100;
    const std::size_t total = peak - before;
    EXPECT_GT(total, rows * 16);  // the counter sees them
    // networks, their optimisers and workspaces, tables of the sampler
    EXPECT_LT(total, 64'000'000u) << sets;
    if (smaller > 0) {
      const std::size_t more = (1024 - 128) * 100;
      EXPECT_LT(total, smaller + more * bytes_of_event + 1'000'000) << sets;
    }
    smaller = total;
  }
  set_threads(0);
}

TEST(GameMemory, FurtherStepsUseItAgain) {
  set_threads(2);
  std::size_t fewer = 0;
  for (const int sets : {64, 256}) {
    const Play play({16}, sets, 100);
    for (int k = 0; k < 3; ++k) play.game->step();  // the scheduler starts its threads
    peak = used.load();
    std::size_t start = blocks;
    play.game->step();
    const std::size_t each = blocks - start, highest = peak, held = used;
    start = blocks;
    const long faults = page_faults();
    for (int k = 0; k < 20; ++k) play.game->step();
    EXPECT_NEAR(static_cast<double>(used), static_cast<double>(held), 10e3);
    EXPECT_LT(peak, highest + 1'000'000);
    const double mean = static_cast<double>(blocks - start) / 20;
    EXPECT_NEAR(mean, static_cast<double>(each), 100);
    // Memory that goes back to the system in every step comes again in pages of 4 kB.
    EXPECT_LT(page_faults() - faults, 20 * sets * 100 * bytes_of_event / 4096 / 10);
    // The tensors of the generator and of the losses; nothing for each parameter set.
    if (fewer > 0) {
      EXPECT_NEAR(mean, static_cast<double>(fewer), 100);
    }
    EXPECT_LT(mean, 1500);
    fewer = each;
  }
  set_threads(0);
}
