// The number of threads follows what the process is bound to, granted and shares.
#include "femto/core/cores.h"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sched.h>

#include "femto/core/threads.h"

namespace femto {
namespace {

namespace fs = std::filesystem;

TEST(Cores, AreThoseThatTheThreadIsBoundTo) {
  std::thread([] {  // of its own: bonds are those of a thread
    cpu_set_t all, one;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    EXPECT_GE(usable_cores(), 1);
    EXPECT_LE(usable_cores(), CPU_COUNT(&all));
    int core = 0;
    while (!CPU_ISSET(core, &all)) ++core;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(usable_cores(), 1);
    set_threads(0);
    EXPECT_EQ(threads(), 1);
    set_threads(3);  // who asks for more gets it
    EXPECT_EQ(threads(), 3);
  })
      .join();
  set_threads(0);
}

TEST(Cores, AreNotMoreThanTheControlGroupIsGranted) {
  const fs::path root = fs::path(::testing::TempDir()) / "femto_cores_test";
  fs::create_directories(root / "outer" / "inner");
  const auto write = [&](const char* group, const char* text) {
    std::ofstream(root / group / "cpu.max") << text << "\n";
  };
  const char* group = "9:cpuset:/other\n0::/outer/inner\n";
  EXPECT_EQ(granted_cores(root, group), 0);
  write("outer/inner", "max 100000");
  EXPECT_EQ(granted_cores(root, group), 0);
  write("outer", "350000 100000");
  EXPECT_EQ(granted_cores(root, group), 4);
  write("outer/inner", "20000 10000");
  EXPECT_EQ(granted_cores(root, group), 2);
  write("", "50000 100000");  // of a container that sees its own group as the root
  EXPECT_EQ(granted_cores(root, "0::/\n"), 1);
  EXPECT_EQ(granted_cores(root, "9:cpuset:/other\n"), 0);
  EXPECT_EQ(granted_cores(root, ""), 0);
  fs::remove_all(root);
}

TEST(Cores, AreSharedByTheRanksOfANode) {
  const auto share = [](const char* cores, const char* variable, const char* ranks) {
    setenv("SLURM_CPUS_ON_NODE", cores, 1);
    setenv(variable, ranks, 1);
    const int found = share_of_node();
    unsetenv("SLURM_CPUS_ON_NODE");
    unsetenv(variable);
    return found;
  };
  EXPECT_EQ(share("32", "OMPI_COMM_WORLD_LOCAL_SIZE", "4"), 8);
  EXPECT_EQ(share("32", "SLURM_STEP_TASKS_PER_NODE", "5(x2),3"), 6);
  EXPECT_EQ(share("2", "MPI_LOCALNRANKS", "7"), 1);
  EXPECT_EQ(share("32", "OMPI_COMM_WORLD_LOCAL_SIZE", "1"), 32);
}

}  // namespace
}  // namespace femto
