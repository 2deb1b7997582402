/*
 * Reads a file as a database does: O_DIRECT, at random places, 16 reads in flight, each byte checked.
 *
 *   direct_reads aio|uring FILE BASE
 *
 * The file consists of 64-bit little-endian numbers that count up from BASE. Reads are of whole sectors, at any
 * sector; one that reaches past the end of the file is short. Prints how many reads and bytes there were, and
 * how many pages of the file the page cache has afterwards. The system calls are made without a library:
 * io_submit(2), io_uring_enter(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEPTH = 16, READS = 1000, SECTOR = 512, LONGEST = 256 * SECTOR, PAGE = 4096 };

struct slot {
  unsigned char *memory;
  uint64_t offset;
  uint32_t length;
};

struct ring {
  int fd;
  unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
};

static struct slot slots[DEPTH];
static int file;
static uint64_t size, base, bytes, random_state = 20261121;
static aio_context_t aio;
static struct ring ring;

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static void draw(struct slot *slot) {
  slot->offset = next_random() % (size / SECTOR) * SECTOR;
  slot->length = (1 + next_random() % (LONGEST / SECTOR)) * SECTOR;
  memset(slot->memory, 0xa5, slot->length);
}

static void check(const struct slot *slot, int64_t result) {
  uint64_t left = size - slot->offset, wanted = slot->length < left ? slot->length : left;
  if (result < 0 || (uint64_t)result != wanted) {
    fprintf(stderr, "%u at %llu: %lld\n", slot->length, (unsigned long long)slot->offset, (long long)result);
    exit(1);
  }
  for (uint64_t at = 0; at < wanted; at += 8) {
    uint64_t found, right = base + (slot->offset + at) / 8;
    memcpy(&found, slot->memory + at, 8);
    if (found != right) {
      fprintf(stderr, "byte %llu: %llx is not %llx\n", (unsigned long long)(slot->offset + at),
              (unsigned long long)found, (unsigned long long)right);
      exit(1);
    }
  }
  bytes += wanted;
}

static void aio_begin(void) {
  if (syscall(SYS_io_setup, DEPTH, &aio) < 0) die("io_setup");
}

static void aio_submit(struct slot *slot) {
  struct iocb block = {.aio_data = (uintptr_t)slot,
                       .aio_lio_opcode = IOCB_CMD_PREAD,
                       .aio_fildes = file,
                       .aio_buf = (uintptr_t)slot->memory,
                       .aio_nbytes = slot->length,
                       .aio_offset = slot->offset};
  struct iocb *blocks[] = {&block};
  if (syscall(SYS_io_submit, aio, 1, blocks) != 1) die("io_submit");
}

static struct slot *aio_wait(void) {
  struct io_event event;
  if (syscall(SYS_io_getevents, aio, 1, 1, &event, NULL) != 1) die("io_getevents");
  struct slot *slot = (struct slot *)(uintptr_t)event.data;
  check(slot, event.res);
  return slot;
}

static void *ring_map(size_t length, off_t what) {
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, what);
  if (memory == MAP_FAILED) die("mmap of the ring");
  return memory;
}

static void uring_begin(void) {
  struct io_uring_params set = {0};
  ring.fd = syscall(SYS_io_uring_setup, DEPTH, &set);
  if (ring.fd < 0) die("io_uring_setup");
  char *sq = ring_map(set.sq_off.array + set.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char *cq = ring_map(set.cq_off.cqes + set.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  ring.sqes = ring_map(set.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  ring.sq_tail = (unsigned *)(sq + set.sq_off.tail);
  ring.sq_mask = (unsigned *)(sq + set.sq_off.ring_mask);
  ring.sq_array = (unsigned *)(sq + set.sq_off.array);
  ring.cq_head = (unsigned *)(cq + set.cq_off.head);
  ring.cq_tail = (unsigned *)(cq + set.cq_off.tail);
  ring.cq_mask = (unsigned *)(cq + set.cq_off.ring_mask);
  ring.cqes = (struct io_uring_cqe *)(cq + set.cq_off.cqes);
}

static void uring_submit(struct slot *slot) {
  unsigned tail = *ring.sq_tail, index = tail & *ring.sq_mask;
  ring.sqes[index] = (struct io_uring_sqe){.opcode = IORING_OP_READ,
                                           .fd = file,
                                           .addr = (uintptr_t)slot->memory,
                                           .len = slot->length,
                                           .off = slot->offset,
                                           .user_data = (uintptr_t)slot};
  ring.sq_array[index] = index;
  __atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0) != 1) die("io_uring_enter");
}

static struct slot *uring_wait(void) {
  unsigned head = *ring.cq_head;
  while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head)
    if (syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0 && errno != EINTR)
      die("io_uring_enter");
  struct io_uring_cqe *done = &ring.cqes[head & *ring.cq_mask];
  struct slot *slot = (struct slot *)(uintptr_t)done->user_data;
  check(slot, done->res);
  __atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
  return slot;
}

static unsigned long resident(void) {
  unsigned long pages = (size + PAGE - 1) / PAGE, count = 0;
  unsigned char *in_core = malloc(pages);
  void *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED || mincore(memory, size, in_core) < 0) die("mincore");
  for (unsigned long page = 0; page < pages; page++) count += in_core[page] & 1;
  return count;
}

int main(int argc, char **argv) {
  struct stat status;
  if (argc != 4) return 2;
  int uring = strcmp(argv[1], "uring") == 0;
  base = strtoull(argv[3], NULL, 10);
  file = open(argv[2], O_RDONLY | O_DIRECT);
  if (file < 0 || fstat(file, &status) < 0) die(argv[2]);
  size = status.st_size;
  uring ? uring_begin() : aio_begin();
  for (int i = 0; i < DEPTH; i++) {
    slots[i].memory = aligned_alloc(PAGE, LONGEST);
    draw(&slots[i]);
    uring ? uring_submit(&slots[i]) : aio_submit(&slots[i]);
  }
  for (int begun = DEPTH; begun < READS; begun++) {
    struct slot *slot = uring ? uring_wait() : aio_wait();
    draw(slot);
    uring ? uring_submit(slot) : aio_submit(slot);
  }
  for (int i = 0; i < DEPTH; i++) uring ? uring_wait() : aio_wait();
  printf("%d reads of %llu bytes, %lu pages cached\n", READS, (unsigned long long)bytes, resident());
  return 0;
}
