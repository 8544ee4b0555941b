// Rank 0 works and asks the others for their part, whenever and from any thread it likes.
#pragma once
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// The ranks other than 0, as those see them that work on rank 0.
class Others {
 public:
  using Answers = std::vector<std::string>;

  virtual ~Others() = default;

  /// How many there are.
  virtual int count() const = 0;

  /// Sends a question to all of them and returns at once; the future gives the answers of
  /// ranks 1, 2, .... Any thread. The future throws ExchangeError if a rank dies or gives
  /// up.
  virtual std::future<Answers> ask(std::string question) = 0;

  /// The same for one rank.
  virtual std::future<Answers> ask_one(int rank, std::string question) = 0;
};

/// On rank 0: does the work on a second thread, which must not use the group, while this
/// one carries questions and answers and tells the others that it is alive. Rethrows what
/// the work throws; if another rank fails, the work is asked to stop and its questions
/// throw. In a group of one there is nobody to ask: answers are empty.
void lead(Communicator& group, const std::function<void(Others&)>& work);

/// On all others: answers questions one after another, on a second thread, until rank 0's
/// work is done. Throws what `answer` throws, or ExchangeError if rank 0 dies or gives
/// up.
void follow(Communicator& group,
            const std::function<std::string(const std::string& question)>& answer);

}  // namespace femto::exchange
