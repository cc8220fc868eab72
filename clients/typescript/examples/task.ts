// Register, log in, make a task once however often it is sent, and complete it if nobody has changed it meanwhile.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { paths } from "../schema.js";

const client = createClient<paths>({ baseUrl: process.env.GATEWAY_URL });
const account = { email: `${randomUUID()}@example.com`, password: "correct horse battery" };
await client.POST("/auth/register", { body: account });
const login = await client.POST("/auth/login", { body: account });
assert(login.data, login.error?.message);
const headers = { Authorization: `Bearer ${login.data.data.access_token}` };

const made = await client.POST("/tasks", {
  headers,
  params: { header: { "Idempotency-Key": randomUUID() } },
  body: { title: "Buy milk" },
});
assert(made.data, made.error?.message);
const done = await client.PATCH("/tasks/{id}", {
  headers,
  params: { path: { id: made.data.data.id }, header: { "If-Match": made.response.headers.get("ETag")! } },
  body: { status: "completed" },
});
assert(done.data, done.error?.message);
console.log(done.data.data.title, done.data.data.status);
