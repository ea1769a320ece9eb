// The peer of contrib/bench/api: the same requests as a small, sound Fastify service would do them. One process, a
// pool of connections, named prepared statements, schemas for validation and serialisation, the same statements
// against the same tables, a token look-up and a rate-limit counter (in memory) on every authenticated request.
//
// usage: node server.js SOCKET PGURI CONNECTIONS
import crypto from 'node:crypto';
import { chmodSync } from 'node:fs';
import * as cheerio from 'cheerio';
import Fastify from 'fastify';
import pg from 'pg';

const [socket, uri, connections] = process.argv.slice(2);
const url = new URL(uri);
const pool = new pg.Pool({
	host: url.searchParams.get('host'), user: url.searchParams.get('user'), database: url.pathname.slice(1),
	max: Number(connections),
});
pool.on('connect', (client) => client.query('SET search_path = kryfto'));

const app = Fastify({ logger: false, bodyLimit: 11 * 1024 * 1024, requestIdHeader: 'x-request-id', genReqId: () => crypto.randomUUID() });
const counters = new Map();

function fail(reply, status, code, message) {
	return reply.code(status).send({ error: { code, message, requestId: reply.request.id, status } });
}

async function auth(request, reply) {
	const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
	if (!token)
		return fail(reply, 401, 'AUTH_UNAUTHORIZED', 'Unauthorized');
	const sha256 = crypto.createHash('sha256').update(token).digest();
	const { rows } = await pool.query({ name: 'auth', text:
		'SELECT id, project_id, role, family, instance, last_used_at FROM api_token ' +
		'WHERE sha256 = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())', values: [sha256] });
	if (!rows.length)
		return fail(reply, 401, 'AUTH_UNAUTHORIZED', 'Unauthorized');
	request.who = rows[0];
	const key = `${sha256.toString('hex')}:${request.ip}:${Math.floor(Date.now() / 60000)}`;
	const used = (counters.get(key) ?? 0) + 1;
	counters.set(key, used);
	reply.header('x-ratelimit-limit', 1000000);
	reply.header('x-ratelimit-remaining', 1000000 - used);
}

app.addHook('onRequest', async (request, reply) => { reply.header('x-request-id', request.id); });

app.get('/v1/healthz', { schema: { response: { 200: { type: 'object', properties: { ok: { type: 'boolean' }, service: { type: 'string' } } } } } },
	async () => ({ ok: true, service: 'collector-api' }));

const text = { type: ['string', 'null'] };
const job = { type: 'object', properties: { id: text, projectId: text, state: text, url: text, requestId: text, attempts: { type: 'integer' },
	maxAttempts: { type: 'integer' }, createdAt: text, updatedAt: text, resultSummary: { type: ['object', 'null'], additionalProperties: true } } };
app.get('/v1/jobs/:id', { preHandler: auth, schema: { response: { 200: job },
	params: { type: 'object', properties: { id: { type: 'string', pattern: '^[0-9a-f-]{36}$' } } } } }, async (request, reply) => {
	const { rows } = await pool.query({ name: 'job', text:
		'SELECT id, project_id, family, queue, state, url, request_id, attempts, max_attempts, error_code, error_message, ' +
		'created_at, updated_at, started_at, finished_at, expires_at, result_summary FROM job WHERE id = $1', values: [request.params.id] });
	const j = rows[0];
	if (!j)
		return fail(reply, 404, 'NOT_FOUND', 'Job not found');
	if (j.project_id !== request.who.project_id)
		return fail(reply, 403, 'AUTH_FORBIDDEN', 'Forbidden');
	return { id: j.id, projectId: j.project_id, state: j.state, url: j.url, requestId: j.request_id, attempts: j.attempts,
		maxAttempts: j.max_attempts, createdAt: j.created_at.toISOString(), updatedAt: j.updated_at.toISOString(), resultSummary: j.result_summary };
});

const extract = { type: 'object', required: ['mode', 'html', 'selectors'], properties: { mode: { const: 'selectors' }, html: { type: 'string' },
	selectors: { type: 'object', additionalProperties: { type: 'string' } } } };
app.post('/v1/extract', { preHandler: auth, schema: { body: extract } }, async (request) => {
	const $ = cheerio.load(request.body.html);
	const data = {};
	for (const [name, selector] of Object.entries(request.body.selectors))
		data[name] = selector.startsWith('all:') ? $(selector.slice(4)).map((_, e) => $(e).text().trim()).get() : $(selector).first().text().trim();
	return { data, mode: 'selectors' };
});

const create = { type: 'object', required: ['url'], properties: { url: { type: 'string', maxLength: 8192 }, options: { type: 'object' }, extract: { type: 'object' } } };
app.post('/v1/jobs', { preHandler: auth, schema: { body: create } }, async (request, reply) => {
	const id = crypto.randomUUID();
	const client = await pool.connect();
	try {
		await client.query('BEGIN');
		await client.query({ name: 'ins_job', text: 'INSERT INTO job (id, project_id, family, queue, timeout_ms, max_attempts, url, request, request_id) ' +
			"VALUES ($1, $2, 'collect', 0, 60000, 3, $3, $4, $5)", values: [id, request.who.project_id, request.body.url, JSON.stringify(request.body), request.id] });
		await client.query({ name: 'ins_ready', text: 'INSERT INTO ready (job_id, queue, priority) VALUES ($1, 0, 0)', values: [id] });
		await client.query({ name: 'ins_audit', text: 'INSERT INTO audit_log (token_id, project_id, actor_role, action, resource_type, resource_id, request_id, ip_address) ' +
			"VALUES ($1, $2, $3, 'job.create', 'job', $4, $5, $6)", values: [request.who.id, request.who.project_id, request.who.role, id, request.id, request.ip] });
		await client.query('COMMIT');
	} catch (e) {
		await client.query('ROLLBACK');
		throw e;
	} finally {
		client.release();
	}
	return reply.code(202).send({ jobId: id, state: 'queued', requestId: request.id });
});

await app.listen({ path: socket });
chmodSync(socket, 0o777);
