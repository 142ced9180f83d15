/*
 * The floor: a pool as one writes it in C++, a mutex, a condition variable and a deque.
 *
 *     native-pool THREADS
 *
 * The same commands and answers as programs/pool.ts, without address and object: in C++ they would be two words more.
 * As fast as that form honestly goes: nobody is woken who does not wait, a task is a plain call without an allocation,
 * and the one who waits for results takes all there are. Each task is taken by itself and its result handed back by
 * itself, under the lock.
 */
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr int IN_FLIGHT = 64;
constexpr int FIB = 25;
constexpr int64_t FIB_ANSWER = 75025;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Result {
  int64_t answer;
  int thread;
};

struct Task {
  int64_t (*work)(int64_t argument);
  int64_t argument;
};

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i <= threads; i++) threads_.emplace_back([this, i] { run(i); });
  }

  void add(Task task) {
    bool is_awaited;
    {
      std::lock_guard lock(mutex_);
      tasks_.push_back(task);
      is_awaited = waiting_ > 0;
    }
    if (is_awaited) has_task_.notify_one();
  }

  /* Swaps in all results there are; waits until there is one. */
  void take(std::deque<Result>& into) {
    into.clear();
    std::unique_lock lock(results_mutex_);
    while (results_.empty()) {
      is_taker_waiting_ = true;
      has_result_.wait(lock);
    }
    is_taker_waiting_ = false;
    into.swap(results_);
  }

  void close() {
    {
      std::lock_guard lock(mutex_);
      is_closing_ = true;
    }
    has_task_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void run(int thread) {
    for (;;) {
      Task task;
      {
        std::unique_lock lock(mutex_);
        waiting_++;
        has_task_.wait(lock, [this] { return !tasks_.empty() || is_closing_; });
        waiting_--;
        if (tasks_.empty()) return;
        task = tasks_.front();
        tasks_.pop_front();
      }
      Result result{task.work(task.argument), thread};
      bool is_awaited;
      {
        std::lock_guard lock(results_mutex_);
        results_.push_back(result);
        is_awaited = is_taker_waiting_;
        is_taker_waiting_ = false;
      }
      if (is_awaited) has_result_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable has_task_;
  std::deque<Task> tasks_;
  int waiting_ = 0;
  bool is_closing_ = false;
  std::mutex results_mutex_;
  std::condition_variable has_result_;
  std::deque<Result> results_;
  bool is_taker_waiting_ = false;
  std::vector<std::thread> threads_;
};

int64_t empty(int64_t argument) { return argument; }

int64_t fibonacci(int64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int64_t spin(int64_t ms) {
  for (auto start = Clock::now(); seconds_since(start) * 1000 < static_cast<double>(ms);) {
  }
  return 0;
}

double cpu_us() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto us = [](timeval t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double resident_megabytes() {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == nullptr || fscanf(file, "%*d %ld", &pages) != 1) abort();
  fclose(file);
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/* One measurement: what was counted, since when. */
struct Tally {
  explicit Tally(int threads) : by_thread(static_cast<size_t>(threads) + 1) {}

  void note(Result result, int64_t answer) {
    if (result.answer != answer) {
      fprintf(stderr, "native: answered %ld, not %ld\n", result.answer, answer);
      exit(1);
    }
    by_thread[static_cast<size_t>(result.thread)]++;
    operations++;
  }

  void print(double figure, double megabytes = 0) const {
    printf("{\"figure\":%f,\"operations\":%ld,\"seconds\":%f,\"cpuUs\":%f,\"megabytesPerThread\":%f,\"byThread\":[",
           figure, operations, seconds_since(start), cpu_us() - cpu, megabytes);
    bool is_first = true;
    for (long count : by_thread) {
      if (count == 0) continue;
      printf(is_first ? "%ld" : ",%ld", count);
      is_first = false;
    }
    printf("]}\n");
    fflush(stdout);
  }

  std::vector<long> by_thread;
  long operations = 0;
  double cpu = cpu_us();
  Clock::time_point start = Clock::now();
};

/* Keeps 64 in flight, `count` tasks or for `ms`. */
void load(Pool& pool, int threads, Task task, int64_t answer, long count, double ms) {
  Tally tally(threads);
  long begun = 0;
  auto is_enough = [&] { return count > 0 ? begun >= count : seconds_since(tally.start) * 1000 >= ms; };
  for (; begun < IN_FLIGHT; begun++) pool.add(task);
  std::deque<Result> results;
  while (tally.operations < begun) {
    pool.take(results);
    for (Result result : results) {
      tally.note(result, answer);
      if (!is_enough()) {
        pool.add(task);
        begun++;
      }
    }
  }
  tally.print(0);
}

void alone(Pool& pool, int threads, double ms) {
  Tally tally(threads);
  std::vector<double> times;
  std::deque<Result> results;
  while (seconds_since(tally.start) * 1000 < ms) {
    auto began = Clock::now();
    pool.add({empty, 0});
    pool.take(results);
    tally.note(results.front(), 0);
    times.push_back(seconds_since(began) * 1e6);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  tally.print(times[times.size() / 2]);
}

/* The long task answers 0, those of the burst 1: so the last of them is known. */
void burst(Pool& pool, int threads, long count, int64_t ms) {
  Tally tally(threads);
  pool.add({spin, ms});
  for (long i = 0; i < count; i++) pool.add({empty, 1});
  std::deque<Result> results;
  double figure = 0;
  for (long left = count, all = count + 1; all > 0;) {
    pool.take(results);
    for (Result result : results) {
      all--;
      if (result.answer == 0) continue;
      tally.note(result, 1);
      if (--left == 0) figure = seconds_since(tally.start) * 1e5 / static_cast<double>(ms);
    }
  }
  tally.print(figure);
}

}  // namespace

int main(int argc, char** argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  double resident = resident_megabytes();
  Tally start_up(threads);
  Pool pool(threads);
  std::deque<Result> results;
  auto met = [&] { return std::count_if(start_up.by_thread.begin(), start_up.by_thread.end(), [](long n) { return n > 0; }); };
  while (met() < threads) {
    for (int i = 0; i < threads; i++) pool.add({spin, 2});
    for (long got = 0; got < threads; got += static_cast<long>(results.size())) {
      pool.take(results);
      for (Result result : results) start_up.note(result, 0);
    }
  }
  double start_up_ms = seconds_since(start_up.start) * 1000;
  double megabytes = (resident_megabytes() - resident) / threads;
  char line[256];
  while (fgets(line, sizeof line, stdin) != nullptr) {
    char command[16];
    double first = 0, second = 0;
    if (sscanf(line, "%15s %lf %lf", command, &first, &second) < 1) return 2;
    auto is = [&](const char* name) { return strcmp(command, name) == 0; };
    if (is("fresh")) start_up.print(start_up_ms, megabytes);
    else if (is("cold")) load(pool, threads, {empty, 0}, 0, static_cast<long>(first), 0);
    else if (is("empty")) load(pool, threads, {empty, 0}, 0, 0, first);
    else if (is("fib")) load(pool, threads, {fibonacci, FIB}, FIB_ANSWER, 0, first);
    else if (is("alone")) alone(pool, threads, first);
    else if (is("burst")) burst(pool, threads, static_cast<long>(first), static_cast<int64_t>(second));
    else if (is("close")) {
      Tally tally(threads);
      pool.close();
      tally.print(seconds_since(tally.start) * 1000);
      return 0;
    } else return 2;
  }
}
