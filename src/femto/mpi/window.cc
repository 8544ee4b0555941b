#include "femto/mpi/window.h"

#include <atomic>
#include <cstring>

#include "femto/core/error.h"
#include "femto/mpi/last_resort.h"
#include "femto/mpi/requests.h"

namespace femto::exchange {
namespace {

constexpr int looks = 100;  // at a slot that changes while it is read

/// A slot is a count of puts, then two pages [stamp, data]; put number k writes page
/// k mod 2 and then the count. A page was read whole if the count is the same afterwards:
/// the owner writes to it again only after another put to the other page.
class MpiWindow final : public Window {
 public:
  MpiWindow(MPI_Comm members, std::size_t slots, std::size_t bytes, double limit)
      : members_(members),
        bytes_(bytes),
        page_((2 * sizeof(std::uint64_t) - 1 + bytes) / sizeof(std::uint64_t)),
        slot_(1 + 2 * page_),
        limit_(limit),
        read_(page_) {
    MPI_Comm_rank(members_, &rank_);
    const LastResort guard("opening a window", rank_, limit_);
    check_mpi(
        MPI_Win_allocate(static_cast<MPI_Aint>(slots * slot_ * sizeof(std::uint64_t)),
                         sizeof(std::uint64_t),
                         MPI_INFO_NULL,
                         members_,
                         &memory_,
                         &window_),
        "MPI_Win_allocate");
    std::memset(memory_, 0, slots * slot_ * sizeof(std::uint64_t));
    check_mpi(MPI_Win_lock_all(MPI_MODE_NOCHECK, window_), "MPI_Win_lock_all");
    MPI_Win_sync(window_);
    MPI_Barrier(members_);  // nobody reads before it is zero
  }

  ~MpiWindow() override {
    // Freeing waits for all members; ranks whose run has failed do not come.
    if (std::uncaught_exceptions() > 0) return;
    const LastResort guard("closing a window", rank_, limit_);
    MPI_Win_unlock_all(window_);
    MPI_Win_free(&window_);
    MPI_Comm_free(&members_);
  }

  void put(std::size_t slot, std::uint64_t stamp, Bytes data) override {
    expect(data.size() <= bytes_, "more bytes than a slot of the window holds");
    auto* count = memory_ + slot * slot_;
    auto* page = count + 1 + ((*count + 1) % 2) * page_;
    page[0] = stamp;
    if (!data.empty()) std::memcpy(page + 1, data.data(), data.size());
    MPI_Win_sync(window_);  // the page before the count
    std::atomic_ref(*count).store(*count + 1, std::memory_order_release);
    MPI_Win_sync(window_);
  }

  Look get(int member, std::size_t slot, Room out) override {
    const std::size_t length = 1 + (out.size() + 7) / 8;
    const auto start = slot * slot_;
    for (int look = 0; look < looks; ++look) {
      std::uint64_t before = 0, after = 0;
      read(member, start, &before, 1);
      if (before == 0) return {};
      read(member, start + 1 + (before % 2) * page_, read_.data(), length);
      read(member, start, &after, 1);
      if (before != after) continue;
      if (!out.empty()) std::memcpy(out.data(), read_.data() + 1, out.size());
      return {true, read_[0]};
    }
    return {};
  }

 private:
  void read(int member, std::size_t from, std::uint64_t* into, std::size_t n) {
    MPI_Request request;
    const auto count = static_cast<int>(n);
    check_mpi(MPI_Rget(into,
                       count,
                       MPI_UINT64_T,
                       member,
                       static_cast<MPI_Aint>(from),
                       count,
                       MPI_UINT64_T,
                       window_,
                       &request),
              "MPI_Rget");
    const double deadline = MPI_Wtime() + limit_;
    Patience patience;
    for (int done = 0;;) {
      check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
      if (done) return;
      if (MPI_Wtime() > deadline)
        throw Error("reading the window of another rank takes longer than the limit",
                    "is that rank alive?",
                    Exit::numerical);
      patience.wait_a_little();
    }
  }

  MPI_Comm members_;
  std::size_t bytes_, page_, slot_;  // page and slot in words of 8 bytes
  double limit_;
  int rank_ = 0;
  MPI_Win window_ = MPI_WIN_NULL;
  std::uint64_t* memory_ = nullptr;
  std::vector<std::uint64_t> read_;
};

}  // namespace

std::unique_ptr<Window> open_mpi_window(MPI_Comm world,
                                        const std::vector<int>& members,
                                        int context,
                                        std::size_t slots,
                                        std::size_t bytes,
                                        double limit_seconds) {
  MPI_Group everybody, some;
  MPI_Comm group;
  int rank = 0;
  MPI_Comm_rank(world, &rank);
  const LastResort guard("opening a window", rank, limit_seconds);
  MPI_Comm_group(world, &everybody);
  MPI_Group_incl(everybody, static_cast<int>(members.size()), members.data(), &some);
  check_mpi(MPI_Comm_create_group(world, some, context, &group), "MPI_Comm_create_group");
  MPI_Comm_set_errhandler(group, MPI_ERRORS_RETURN);
  MPI_Group_free(&some);
  MPI_Group_free(&everybody);
  return std::make_unique<MpiWindow>(group, slots, bytes, limit_seconds);
}

}  // namespace femto::exchange
