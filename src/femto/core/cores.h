// How many cores this process may use, which is often less than the machine has.
#pragma once
#include <filesystem>
#include <string_view>

namespace femto {

/// Cores for this process, at least 1: those that the calling thread is bound to
/// (taskset, the cpuset of a batch system), not more than its control group is granted
/// and, as one of several ranks of an mpirun or srun, than its share of the node.
int usable_cores();

/// Cores that the control group and those around it are granted, rounded up; 0 if there
/// is no limit. root: where version 2 of the control groups is mounted; group: the text
/// of /proc/self/cgroup.
int granted_cores(const std::filesystem::path& root, std::string_view group);

/// Cores of the node, or of its part that a batch system gave to the job, divided by the
/// ranks that mpirun or srun started on it; at least 1.
int share_of_node();

}  // namespace femto
