/* File descriptors and small files. */
#ifndef KRYFTO_BASE_FD_H
#define KRYFTO_BASE_FD_H

#include "base/buf.h"
#include "base/err.h"

void fd_close(int *fd); /* closes if >= 0 and sets -1; for _cleanup_ */
#define _cleanup_fd_ _cleanup_(fd_close)
int fd_nonblock(int fd, bool on);
int fd_cloexec(int fd, bool on);
/* Writes everything, riding out EINTR; 0 or E_IO. */
int fd_write_all(int fd, const void *p, size_t n);
/* Reads exactly n bytes; E_GONE at an early end. */
int fd_read_all(int fd, void *p, size_t n);
/* A whole file of at most `max` bytes, appended to `ret`: E_NOTFOUND, E_LIMIT, E_IO. */
int fd_read_file(const char *path, size_t max, struct buf *ret, struct err *e);
/* Replaces `path` by rename, so that a reader sees the old or the new file and nothing else. */
int fd_write_file(const char *path, struct str data, int mode, struct err *e);
/* mkdir -p. */
int fd_mkdirs(const char *path, int mode, struct err *e);
/* Passes a descriptor over a UNIX socket (SCM_RIGHTS) with one byte of payload. */
int fd_send(int sock, int fd);
int fd_recv(int sock, int *ret_fd);
/* A bound, listening, CLOEXEC UNIX stream socket; an old socket file is removed. `mode` e.g. 0660. */
int fd_listen_unix(const char *path, int mode, int backlog, int *ret_fd, struct err *e);
int fd_connect_unix(const char *path, int *ret_fd, struct err *e);

#endif
