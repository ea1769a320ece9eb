/* Time-based one-time passwords (RFC 6238): six digits, 30 seconds, HMAC-SHA-1, as authenticator apps expect. */
#ifndef KRYFTO_CRYPTO_TOTP_H
#define KRYFTO_CRYPTO_TOTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

#define TOTP_DIGITS 6
#define TOTP_STEP_S 30
#define TOTP_SECRET_LEN 20
#define TOTP_SECRET_MAX 64

/* Six digits, NUL-terminated; returns `out`. */
char *totp_code(struct str secret, int64_t step, char out[TOTP_DIGITS + 1]);
/* The step of an instant. */
int64_t totp_step(usec_t now);
/*
 * Accepts the step of `now` and one on either side. 0 and the step that matched, which the caller stores: codes
 * of that step or before (`last_step`, -1 for none) are refused, so that no code works twice. E_DENIED otherwise.
 */
int totp_verify(struct str secret, struct str code, usec_t now, int64_t last_step, int64_t *ret_step);

/* Base32 (RFC 4648 6) without padding, as apps show secrets; decode skips spaces, '-' and '=', any case. */
struct str totp_base32(struct arena *a, struct str secret);
int totp_from_base32(struct arena *a, struct str text, struct str *ret);
/* otpauth://totp/Issuer:account?secret=…: what a QR code holds. */
struct str totp_uri(struct arena *a, struct str issuer, struct str account, struct str secret);

#endif
