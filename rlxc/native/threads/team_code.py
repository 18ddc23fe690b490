"""What the threads of a team run between calls, in LLVM IR: parked in native code, they need no GIL to start.

Parked in Python, a thread would have to take the GIL after it wakes, while the caller may hold it.
"""

from __future__ import annotations

RUN = "run_rlxc_team"
"""`void run(team, function, arguments)`: all threads call `function(arguments, thread)`; returns when all are done."""

WORK = "work_in_rlxc_team"
"""`void work(team, thread)`: do one share of every call of `run`, for ever. Threads 1, 2, ... of a team are here."""

RECORD = 256
"""Bytes of a record. A team is an array of them, all zero but for the mutexes and conditions.

Record 0 is the job: its function, its arguments, the number of threads, and the number of the call.
Record t belongs to thread t. What its fields hold and who writes them is on cache lines of their own:
a mutex, a condition, the last call that was ordered, the last call that this thread has finished.
"""

MUTEX, CONDITION = 0, 64
NUM_THREADS = 16
"""Where these lie in their records."""

TEAM_CODE = """
%job.record = type { ptr, ptr, i64, i64 }
%thread.record = type { [64 x i8], [64 x i8], i64, [56 x i8], i64, [56 x i8] }

declare i32 @sched_yield()
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_signal(ptr)

define void @work_in_rlxc_team(ptr %team, i64 %thread) {
entry:
  %mutex = getelementptr %thread.record, ptr %team, i64 %thread
  %condition = getelementptr %thread.record, ptr %team, i64 %thread, i32 1
  %ordered = getelementptr %thread.record, ptr %team, i64 %thread, i32 2
  %finished = getelementptr %thread.record, ptr %team, i64 %thread, i32 4
  %arguments.place = getelementptr %job.record, ptr %team, i64 0, i32 1
  br label %idle

; Calls often follow each other closely: look for the next one about half a millisecond long, then sleep.
idle:
  %last = phi i64 [ 0, %entry ], [ %call, %work ]
  br label %look
look:
  %looks = phi i64 [ 0, %idle ], [ %looks.next, %yield ]
  %seen = load atomic i64, ptr %ordered acquire, align 8
  %is.new = icmp ne i64 %seen, %last
  br i1 %is.new, label %work, label %is.late
is.late:
  %looks.next = add i64 %looks, 1
  %late = icmp ugt i64 %looks, 2000
  br i1 %late, label %sleep, label %yield
yield:
  call i32 @sched_yield()
  br label %look

sleep:
  call i32 @pthread_mutex_lock(ptr %mutex)
  br label %check
check:
  %order = load atomic i64, ptr %ordered monotonic, align 8
  %is.old = icmp eq i64 %order, %last
  br i1 %is.old, label %wait, label %awake
wait:
  call i32 @pthread_cond_wait(ptr %condition, ptr %mutex)
  br label %check
awake:
  call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %work

work:
  %call = phi i64 [ %seen, %look ], [ %order, %awake ]
  %function = load ptr, ptr %team
  %arguments = load ptr, ptr %arguments.place
  call void %function(ptr %arguments, i64 %thread)
  store atomic i64 %call, ptr %finished release, align 8
  br label %idle
}

define void @run_rlxc_team(ptr %team, ptr %function, ptr %arguments) {
entry:
  %arguments.place = getelementptr %job.record, ptr %team, i64 0, i32 1
  %num_threads.place = getelementptr %job.record, ptr %team, i64 0, i32 2
  %call.place = getelementptr %job.record, ptr %team, i64 0, i32 3
  %num_threads = load i64, ptr %num_threads.place
  %last = load i64, ptr %call.place
  %call = add i64 %last, 1
  store i64 %call, ptr %call.place
  store ptr %function, ptr %team
  store ptr %arguments, ptr %arguments.place
  br label %order

order:
  %t = phi i64 [ 1, %entry ], [ %t.next, %order.one ]
  %more = icmp ult i64 %t, %num_threads
  br i1 %more, label %order.one, label %share
order.one:
  %mutex = getelementptr %thread.record, ptr %team, i64 %t
  %condition = getelementptr %thread.record, ptr %team, i64 %t, i32 1
  %ordered = getelementptr %thread.record, ptr %team, i64 %t, i32 2
  call i32 @pthread_mutex_lock(ptr %mutex)
  store atomic i64 %call, ptr %ordered release, align 8
  call i32 @pthread_mutex_unlock(ptr %mutex)
  call i32 @pthread_cond_signal(ptr %condition)
  %t.next = add i64 %t, 1
  br label %order

share:
  call void %function(ptr %arguments, i64 0)
  br label %join

join:
  %j = phi i64 [ 1, %share ], [ %j.next, %joined ]
  %running = icmp ult i64 %j, %num_threads
  br i1 %running, label %join.one, label %done
join.one:
  %finished = getelementptr %thread.record, ptr %team, i64 %j, i32 4
  br label %poll
poll:
  %share.done = load atomic i64, ptr %finished acquire, align 8
  %is.done = icmp eq i64 %share.done, %call
  br i1 %is.done, label %joined, label %pause
pause:
  call i32 @sched_yield()
  br label %poll
joined:
  %j.next = add i64 %j, 1
  br label %join
done:
  ret void
}
"""
