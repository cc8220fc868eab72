// What the end-to-end tests run: `node build/workflows.js NAME`.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { paths } from "../schema.js";

const baseUrl = process.env.GATEWAY_URL;
const anonymous = createClient<paths>({ baseUrl });
const account = () => ({ email: `${randomUUID()}@example.com`, password: "correct horse battery" });

async function signIn(credentials = account()) {
  const registered = await anonymous.POST("/auth/register", { body: credentials });
  assert.equal(registered.response.status, 201);
  const { data } = await anonymous.POST("/auth/login", { body: credentials });
  assert(data);
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${data.data.access_token}` } });
}

async function accounts() {
  const credentials = account();
  const client = await signIn(credentials);
  const created = await client.POST("/tasks", { body: { title: "My Task", description: "Task description" } });
  assert.equal(created.response.status, 201);
  assert.equal(created.data?.data.description, "Task description");
  const profile = await client.GET("/users/me");
  assert.equal(profile.data?.data.email, credentials.email);
  assert.equal(profile.data.data.profile_created, false);
}

async function resources() {
  const client = await signIn();
  const { data: user } = await client.POST("/users/users", { body: { name: "Alice", email: "alice@example.com" } });
  assert(user);
  const userPath = { params: { path: { id: user.id } } };
  const { data: task } = await client.POST("/tasks/tasks", {
    body: { userId: user.id, title: "Buy milk", description: "2% organic" },
  });
  assert.equal(task?.status, "pending");
  const taskPath = { params: { path: { id: task.id } } };
  const mine = await client.GET("/tasks/tasks", { params: { query: { userId: user.id } } });
  assert.deepEqual(mine.data, [task]);
  const completed = await client.GET("/tasks/tasks", { params: { query: { userId: user.id, status: "completed" } } });
  assert.deepEqual(completed.data, []);
  const combined = await client.GET("/users/users/{id}/tasks", userPath);
  assert.deepEqual(combined.data, { user, tasks: [task], degraded: false });

  const done = await client.PUT("/tasks/tasks/{id}", { ...taskPath, body: { status: "completed" } });
  assert.equal(done.data?.title, "Buy milk");
  const renamed = await client.PUT("/users/users/{id}", { ...userPath, body: { name: "Alicia" } });
  assert.equal(renamed.data?.email, "alice@example.com");
  assert.equal((await client.DELETE("/tasks/tasks/{id}", taskPath)).response.status, 204);
  assert.equal((await client.GET("/tasks/tasks/{id}", taskPath)).error?.error.code, "not_found");
  assert.equal((await client.DELETE("/users/users/{id}", userPath)).response.status, 204);
  assert.equal((await client.GET("/users/users/{id}", userPath)).error?.error.code, "not_found");
}

async function paging() {
  const client = await signIn();
  const titles = ["one", "two", "three", "four", "five"];
  await client.POST("/tasks/bulk", { body: titles.map((title) => ({ title })) });
  const page = (cursor?: string) => client.GET("/tasks", { params: { query: { page_size: 2, cursor } } });
  const seen: string[] = [];
  let answer = await page();
  while (answer.data) {
    seen.push(...answer.data.data.map((task) => task.title));
    const cursor = answer.data.meta.next_cursor;
    if (!cursor) break;
    answer = await page(cursor);
  }
  assert.deepEqual(seen.sort(), titles.sort());
}

async function ifMatch() {
  const client = await signIn();
  const made = await client.POST("/tasks", { body: { title: "one" } });
  assert(made.data);
  const path = { id: made.data.data.id };
  const change = (title: string, etag: string) =>
    client.PATCH("/tasks/{id}", { params: { path, header: { "If-Match": etag } }, body: { title } });

  const first = made.response.headers.get("ETag")!;
  assert.equal((await change("two", first)).data?.data.version, 2);
  const late = await change("three", first);
  assert.equal(late.error?.error.code, "precondition_failed");
  assert.equal((await change("three", late.response.headers.get("ETag")!)).data?.data.title, "three");
}

async function idempotency() {
  const client = await signIn();
  const header = { "Idempotency-Key": randomUUID() };
  const send = () => client.POST("/tasks", { params: { header }, body: { title: "once" } });
  const [first, again] = [await send(), await send()];
  assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");
  assert(first.data);
  assert.deepEqual(again.data, first.data);
  assert.equal((await client.GET("/tasks")).data?.data.length, 1);
}

async function throttled() {
  const { email } = account();
  const guess = () => anonymous.POST("/auth/login", { body: { email, password: "wrong" } });
  let answer = await guess();
  while (answer.response.status === 401) {
    answer = await guess();
  }
  assert.equal(answer.error?.error.code, "throttled");
  assert(Number(answer.response.headers.get("Retry-After")) >= 1);
}

const workflows: Record<string, () => Promise<void>> = {
  accounts, resources, paging, if_match: ifMatch, idempotency, throttled,
};
await workflows[process.argv[2] ?? ""]!();
