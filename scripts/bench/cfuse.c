/*
 * A FUSE server with one file, as plain as libfuse3's low-level interface allows: what a FUSE server in C
 * reaches on this machine, for the benchmark to compare with.
 *
 *   cfuse BACKING DIR    serves BACKING's bytes as DIR/file, in the foreground, until SIGTERM
 *
 * The shape is that of lazerofs on a local image: replies from mapped memory, one writev for header and
 * data, no splice, no cloned descriptors, OPEN answered ENOSYS, endless entry and attribute timeouts, as
 * many threads as cores.
 */
#define FUSE_USE_VERSION 312
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_INO = 2 };

static const double FOREVER = 1e9;
static const char NAME[] = "file";

static const char *data;
static size_t size;

static int attributes(fuse_ino_t ino, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = ino;
	switch (ino) {
	case FUSE_ROOT_ID:
		st->st_mode = S_IFDIR | 0755;
		st->st_nlink = 2;
		return 0;
	case FILE_INO:
		st->st_mode = S_IFREG | 0444;
		st->st_nlink = 1;
		st->st_size = (off_t)size;
		st->st_blocks = (blkcnt_t)((size + 511) / 512);
		return 0;
	default:
		return ENOENT;
	}
}

static void on_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->want &= ~(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	conn->want |= conn->capable & (FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO | FUSE_CAP_PARALLEL_DIROPS);
	conn->max_readahead = 1 << 20;
	conn->max_write = 1 << 20; /* libfuse derives max_pages, and so the size of reads, from it */
	conn->max_background = 64;
	conn->congestion_threshold = 48;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = FOREVER, .entry_timeout = FOREVER };

	if (parent == FUSE_ROOT_ID && strcmp(name, NAME) == 0)
		entry.ino = FILE_INO;
	if (entry.ino)
		attributes(entry.ino, &entry.attr);
	fuse_reply_entry(req, &entry);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct stat st;
	int error = attributes(ino, &st);

	(void)info;
	if (error)
		fuse_reply_err(req, error);
	else
		fuse_reply_attr(req, &st, FOREVER);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)ino;
	(void)info;
	fuse_reply_err(req, ENOSYS); /* the kernel then opens files by itself, and keeps their pages */
}

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t length, off_t offset, struct fuse_file_info *info)
{
	(void)info;
	if (ino != FILE_INO) {
		fuse_reply_err(req, EISDIR);
		return;
	}
	if ((size_t)offset >= size)
		length = 0;
	else if (length > size - (size_t)offset)
		length = size - (size_t)offset;
	fuse_reply_buf(req, data + offset, length);
}

static const struct fuse_lowlevel_ops operations = {
	.init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.open = on_open,
	.read = on_read,
};

static int map(const char *path)
{
	struct stat st;
	void *mapped;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	size = (size_t)st.st_size;
	mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return -1;
	data = mapped;
	return 0;
}

static int serve(struct fuse_session *session, const char *dir)
{
	struct fuse_loop_config *config;
	int status = 1;

	if (fuse_set_signal_handlers(session) != 0)
		return status;
	if (fuse_session_mount(session, dir) == 0) {
		config = fuse_loop_cfg_create();
		fuse_loop_cfg_set_clone_fd(config, 0);
		fuse_loop_cfg_set_max_threads(config, (unsigned int)sysconf(_SC_NPROCESSORS_ONLN));
		status = fuse_session_loop_mt(session, config) < 0;
		fuse_loop_cfg_destroy(config);
		fuse_session_unmount(session);
	}
	fuse_remove_signal_handlers(session);
	return status;
}

int main(int argc, char *argv[])
{
	char *options[] = { argv[0], "-o", "ro,allow_other,default_permissions,fsname=cfuse" };
	struct fuse_args args = FUSE_ARGS_INIT(3, options);
	struct fuse_session *session;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: %s BACKING DIR\n", argv[0]);
		return 2;
	}
	if (map(argv[1]) < 0) {
		perror(argv[1]);
		return 1;
	}
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (!session)
		return 1;
	status = serve(session, argv[2]);
	fuse_session_destroy(session);
	return status;
}
