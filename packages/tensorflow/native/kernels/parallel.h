#ifndef INFINITE_FORMER_KERNELS_PARALLEL_H_
#define INFINITE_FORMER_KERNELS_PARALLEL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace infinite_former {

// Threads for the kernels: as many as TF_NUM_INTRAOP_THREADS says, else one a
// core; the calling thread is one of them. TensorFlow's own pool cannot be
// reached through the C API. A call never waits for a thread to be free: what
// no helper takes, the caller does itself.
class Parallel {
 public:
  static Parallel &Get() {
    static Parallel *const pool = new Parallel();  // never destroyed: its threads end with the process
    return *pool;
  }

  int threads() const { return helpers_ + 1; }

  // Runs work(i, slot) for every i below count, each once, in any order. No two
  // run at the same time with the same slot, a number below threads().
  void For(int64_t count, const std::function<void(int64_t, int)> &work) {
    if (count <= 0) return;
    if (count == 1 || helpers_ == 0) {
      for (int64_t i = 0; i < count; i++) work(i, 0);
      return;
    }
    Job job{&work, count};
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(&job);
    }
    if (count > 2) wake_.notify_all();
    else wake_.notify_one();
    Help(&job, 0);
    std::unique_lock<std::mutex> lock(mutex_);
    Forget(&job);
    done_.wait(lock, [&job] { return job.inside == 0; });
  }

 private:
  struct Job {
    const std::function<void(int64_t, int)> *work;
    int64_t count;
    std::atomic<int64_t> next{0};
    int inside = 0;  // helpers at it; guarded by the mutex
    Job(const std::function<void(int64_t, int)> *w, int64_t c) : work(w), count(c) {}
  };

  Parallel() {
    const char *asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int named = asked ? std::atoi(asked) : 0;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int threads = named > 0 ? named : cores > 0 ? cores : 1;
    helpers_ = threads - 1;
    for (int i = 0; i < helpers_; i++) std::thread([this, i] { Serve(i + 1); }).detach();
  }

  static void Help(Job *job, int slot) {
    for (int64_t i; (i = job->next.fetch_add(1)) < job->count;) (*job->work)(i, slot);
  }

  void Forget(Job *job) {
    for (auto at = jobs_.begin(); at != jobs_.end(); ++at) {
      if (*at != job) continue;
      jobs_.erase(at);
      return;
    }
  }

  void Serve(int slot) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return !jobs_.empty(); });
      Job *job = jobs_.front();
      job->inside++;
      lock.unlock();
      Help(job, slot);
      lock.lock();
      Forget(job);  // nothing is left to take
      if (--job->inside == 0) done_.notify_all();
    }
  }

  int helpers_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<Job *> jobs_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_PARALLEL_H_
