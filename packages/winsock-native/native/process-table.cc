// The process table: lives of socket numbers, who owns them, who waits on them. See process-table.h.
#include "process-table.h"

#include <new>

#include "reactor/reactor.h"
#include "resolver/resolver.h"

namespace netloom {

namespace {

// The only static state of the addon. Neither has a destructor that runs: threads may still be in calls at exit().
std::mutex tableMutex;
ProcessTable* theTable = nullptr;
int tableUsers = 0;

}  // namespace

ProcessTable* ProcessTable::acquire() {
  const std::lock_guard<std::mutex> lock(tableMutex);
  if (!theTable) theTable = new (std::nothrow) ProcessTable();
  if (theTable) tableUsers++;
  return theTable;
}

void ProcessTable::release(ProcessTable* table) {
  const std::lock_guard<std::mutex> lock(tableMutex);
  if (--tableUsers > 0) return;
  delete table;
  theTable = nullptr;
}

ProcessTable::~ProcessTable() {
  for (auto& chunk : chunks_) delete chunk.load();
  if (resolver_) resolver_->release();
}

Resolver* ProcessTable::resolver() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!resolver_) resolver_ = Resolver::create();
  return resolver_;
}

bool ProcessTable::cleanUp() noexcept {
  int count = startUps_.load();
  while (count > 0) {
    if (startUps_.compare_exchange_weak(count, count - 1)) return true;
  }
  return false;
}

Row* ProcessTable::find(SOCKET s) const noexcept {
  const uint32_t index = sys::handleIndex(s);
  const uint32_t chunk = index >> kChunkBits;
  if (chunk >= kChunks) return nullptr;
  Chunk* rows = chunks_[chunk].load(std::memory_order_acquire);
  return rows ? &rows->rows[index & (kChunkRows - 1)] : nullptr;
}

Row* ProcessTable::findOrMake(SOCKET s) {
  if (Row* row = find(s)) return row;
  const uint32_t chunk = sys::handleIndex(s) >> kChunkBits;
  if (chunk >= kChunks) return nullptr;
  Chunk* made = new (std::nothrow) Chunk();
  if (!made) return nullptr;
  Chunk* expected = nullptr;
  // Another thread may have been first.
  if (!chunks_[chunk].compare_exchange_strong(expected, made, std::memory_order_acq_rel)) delete made;
  return find(s);
}

uint32_t ProcessTable::add(SOCKET s, uint32_t owner, uint32_t flags, int family, int type) {
  Row* row = findOrMake(s);
  if (!row) return 0;
  const uint64_t old = row->word.load(std::memory_order_acquire);
  if (old & kOpen) {
    // The kernel has given out a number that we hold to be open: somebody closed it without us. That life ends here; its
    // calls in progress find another generation when they leave.
    const std::lock_guard<std::mutex> lock(mutex);
    detach(row, s, generationOf(old));
  }
  uint32_t generation = generationOf(old) + 1;
  if (generation == 0) generation = 1;
  row->family.store(static_cast<uint16_t>(family), std::memory_order_relaxed);
  row->type.store(static_cast<uint16_t>(type), std::memory_order_relaxed);
  row->flags.store(flags, std::memory_order_relaxed);
  row->keptError.store(0, std::memory_order_relaxed);
  row->owner.store(owner, std::memory_order_relaxed);
  row->word.store((static_cast<uint64_t>(generation) << 32) | kOpen, std::memory_order_release);
  return generation;
}

bool ProcessTable::close(SOCKET s, uint32_t generation) {
  Row* row = find(s);
  return row && beginClose(row, s, generation, nullptr);
}

bool ProcessTable::closeOwnerless(SOCKET s, uint32_t generation) {
  Row* row = find(s);
  const uint32_t nobody = 0;
  return row && beginClose(row, s, generation, &nobody);
}

void ProcessTable::closeAllOf(uint32_t owner) {
  for (uint32_t i = 0; i < kChunks; i++) {
    Chunk* chunk = chunks_[i].load(std::memory_order_acquire);
    if (!chunk) continue;
    for (uint32_t j = 0; j < kChunkRows; j++) {
      Row* row = &chunk->rows[j];
      const uint64_t word = row->word.load(std::memory_order_acquire);
      if (!(word & kOpen) || row->owner.load(std::memory_order_acquire) != owner) continue;
      // Generation and owner are asked again under the mutex: another thread may have taken the row since.
      beginClose(row, sys::handleOf((i << kChunkBits) | j), generationOf(word), &owner);
    }
  }
}

bool ProcessTable::adopt(Row* row, uint32_t owner) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (isClosing(row) || (row->flags.load() & kHeldBySocket)) return false;
  row->flags.fetch_or(kHeldBySocket);
  row->owner.store(owner);
  return true;
}

bool ProcessTable::disown(Row* row) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (row->watches || isClosing(row)) return false;
  row->flags.fetch_and(~kHeldBySocket);
  row->owner.store(0);
  return true;
}

bool ProcessTable::addWaiter(Row* row, Waiter* waiter) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (isClosing(row)) return false;
  waiter->next = row->waiters;
  row->waiters = waiter;
  return true;
}

void ProcessTable::removeWaiter(Row* row, Waiter* waiter) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (Waiter** at = &row->waiters; *at; at = &(*at)->next) {
    if (*at != waiter) continue;
    *at = waiter->next;
    return;
  }
}

bool ProcessTable::isInterrupted(const Waiter& waiter) {
  const std::lock_guard<std::mutex> lock(mutex);
  return waiter.isInterrupted;
}

bool ProcessTable::beginClose(Row* row, SOCKET s, uint32_t generation, const uint32_t* onlyOwner) {
  uint64_t word = row->word.load(std::memory_order_acquire);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (onlyOwner && row->owner.load() != *onlyOwner) return false;
    do {
      if (!(word & kOpen) || (word & kClosing)) return false;
      if (generation != 0 && generationOf(word) != generation) return false;
      // Entered as well as marked: the last to leave closes, and that may be this call.
    } while (!row->word.compare_exchange_weak(word, (word | kClosing) + 1, std::memory_order_acq_rel));
    row->owner.store(0);
    detach(row, s, generationOf(word));
  }
  leave(row, s, generationOf(word));
  return true;
}

// Takes the row out of its reactors and wakes its waiters. The mutex is held.
void ProcessTable::detach(Row* row, SOCKET s, uint32_t generation) {
  while (row->watches) {
    std::unique_ptr<WatchNode> node = std::move(row->watches);
    row->watches = std::move(node->next);
    node->reactor->socketCloses(s, generation, node->slot);
  }
  for (Waiter* waiter = row->waiters; waiter; waiter = waiter->next) {
    waiter->isInterrupted = true;
    if (waiter->waker) sys::wake(*waiter->waker);
  }
  row->waiters = nullptr;
}

void ProcessTable::finishClose(Row* row, SOCKET s, uint64_t word) noexcept {
  // The last call may end on an event loop's thread: the kernel finishes the sending by itself. (closesocket of a blocking
  // socket has waited before, where that can be interrupted.)
  if (row->flags.load(std::memory_order_relaxed) & kMayLinger) sys::dontLinger(s);
  // First the number, then the row: a row that is free says that the number is a stranger's, who may be asked to close it
  // once more. Where the kernel has given it out again meanwhile, add() has begun another life, and this one is over.
  sys::close(s);
  row->word.compare_exchange_strong(word, word & ~(kOpen | kClosing | kCalls), std::memory_order_release);
}

}  // namespace netloom
