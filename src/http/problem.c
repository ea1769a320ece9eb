#include "base/first.h"
#include "http/problem.h"

#define DEFINE(name, st, cd, msg, fix) const struct problem problem_##name = { cd, st, msg, fix }

DEFINE(validation, 400, "VALIDATION_ERROR", "Request validation failed",
	"Correct the fields that details.issues names and send the request again.");
DEFINE(bad_request, 400, "BAD_REQUEST", "Malformed request",
	"Send a well-formed HTTP request: valid UTF-8 in the path, a numeric Content-Length.");
DEFINE(unauthorized, 401, "AUTH_UNAUTHORIZED", "Unauthorized",
	"Send a valid, unexpired token as Authorization: Bearer <token>.");
DEFINE(forbidden, 403, "AUTH_FORBIDDEN", "Forbidden",
	"Use a token whose role allows this route and whose project owns the resource.");
DEFINE(not_found, 404, "NOT_FOUND", "Not found", "Check the path and the identifier in it.");
DEFINE(method, 405, "METHOD_NOT_ALLOWED", "Method not allowed", "Use one of the methods that the Allow header names.");
DEFINE(conflict, 409, "CONFLICT", "Conflict", "Read the resource anew and decide again.");
DEFINE(gone, 410, "GONE", "Gone", "The resource was removed; create a new one.");
DEFINE(too_large, 413, "PAYLOAD_TOO_LARGE", "Request body is too large", "Send a smaller body.");
DEFINE(uri_too_long, 414, "URI_TOO_LONG", "Request URI is too long", "Keep the path and query below 8 KiB.");
DEFINE(media_type, 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type",
	"Send the body as application/json in UTF-8.");
DEFINE(range, 416, "RANGE_NOT_SATISFIABLE", "The range lies outside the artifact",
	"Ask for bytes below the artifact's byteSize.");
DEFINE(unprocessable, 422, "UNPROCESSABLE", "The request is well formed but cannot be processed",
	"Read the message; the input itself has to change.");
DEFINE(rate, 429, "RATE_LIMITED", "Over the rate limit", "Wait for the seconds that Retry-After gives.");
DEFINE(headers, 431, "HEADERS_TOO_LARGE", "Request header fields are too large",
	"Send at most 100 header fields of 32 KiB in all.");
DEFINE(internal, 500, "INTERNAL_ERROR", "Internal error",
	"Report the requestId to the operator; the log has the cause under it.");
DEFINE(unsupported, 501, "NOT_IMPLEMENTED", "Not offered by this server",
	"Leave the option out, or use a server that offers it.");
DEFINE(upstream, 502, "UPSTREAM_ERROR", "An upstream service failed", "Try again later.");
DEFINE(unavailable, 503, "SERVICE_UNAVAILABLE", "A service that this needs is unavailable",
	"Try again after the seconds that Retry-After gives.");
DEFINE(timeout, 504, "TIMEOUT", "Timed out", "Try again, or ask for less at once.");
DEFINE(blocked, 403, "SSRF_BLOCKED", "The target address is not allowed",
	"Use a public http or https URL, or ask the operator to allow the host.");

const struct problem *const problem_catalogue[] = {
	&problem_validation,
	&problem_bad_request,
	&problem_unauthorized,
	&problem_forbidden,
	&problem_blocked,
	&problem_not_found,
	&problem_method,
	&problem_conflict,
	&problem_gone,
	&problem_too_large,
	&problem_uri_too_long,
	&problem_media_type,
	&problem_range,
	&problem_unprocessable,
	&problem_rate,
	&problem_headers,
	&problem_internal,
	&problem_unsupported,
	&problem_upstream,
	&problem_unavailable,
	&problem_timeout,
	NULL,
};

const struct problem *problem_of(int err_code)
{
	switch (err_code) {
	case E_INVALID: return &problem_validation;
	case E_LIMIT: return &problem_too_large;
	case E_NOTFOUND: return &problem_not_found;
	case E_CONFLICT:
	case E_EXISTS:
	case E_LOST: return &problem_conflict;
	case E_UNAUTH: return &problem_unauthorized;
	case E_DENIED: return &problem_forbidden;
	case E_RATE: return &problem_rate;
	case E_TIMEOUT: return &problem_timeout;
	case E_AGAIN:
	case E_UNAVAIL: return &problem_unavailable;
	case E_PROTO: return &problem_upstream;
	case E_BLOCKED: return &problem_blocked;
	case E_UNSUPPORTED: return &problem_unsupported;
	case E_GONE: return &problem_gone;
	default: return &problem_internal;
	}
}

const struct problem *problem_of_status(int status)
{
	for (size_t i = 0; problem_catalogue[i]; i++)
		if (problem_catalogue[i]->status == status && problem_catalogue[i] != &problem_validation)
			return problem_catalogue[i];
	return &problem_internal;
}
