// Many events as few weighted ones, for searches that are checked on all events later.
#pragma once
#include <optional>

#include "femto/pipeline/dataset.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// Sorts each column and replaces groups of neighbours by their mean, with the size of
/// the group as weight. Groups hold 1/16 of the events between them and the nearer end of
/// the sorted column, at most 1/1000 of all, so the tails stay as they are. The error of
/// a log-density is of second order in the width of a group. A single channel of two axes
/// is cut into strips and those into groups, 100 of each. Nothing for other channels of
/// several axes (the pairing counts), events that are not in memory, weighted ones, or
/// fewer than 20,000. The same for events that are spread over ranks.
std::optional<io::EventTable> compressed(const Theory& theory, const Dataset& data);

}  // namespace femto
