// Drives the management API with Microsoft's JavaScript SDK. The tests find the
// installation in the environment; test/sdk/go starts one and runs them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiManagementClient } from "@azure/arm-apimanagement";

const { SALLYPORT_MANAGEMENT, SALLYPORT_SUBSCRIPTION, SALLYPORT_GROUP, SALLYPORT_SERVICE, SALLYPORT_TOKEN } = process.env;

const at = [SALLYPORT_GROUP, SALLYPORT_SERVICE];

const client = new ApiManagementClient(
  { getToken: async () => ({ token: SALLYPORT_TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) },
  SALLYPORT_SUBSCRIPTION,
  { endpoint: SALLYPORT_MANAGEMENT, retryOptions: { maxRetries: 0 } },
);

// all reads every page of a list.
async function all(pages) {
  const list = [];
  for await (const item of pages) list.push(item);
  return list;
}

// refused waits for an error of the API with this status and code.
async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, status, error.message);
    if (code) assert.equal(error.code ?? error.details?.error?.code, code);
    return true;
  });
}

// kinds are what is created, read, changed, listed and deleted alike. shown is
// the field that a change changes, head the method that gives the ETag; wait says
// which methods are long-running.
const kinds = [
  { group: "product", body: { displayName: "First" }, shown: "displayName" },
  { group: "group", body: { displayName: "First" }, shown: "displayName" },
  { group: "tag", body: { displayName: "First" }, shown: "displayName", head: "getEntityState" },
  { group: "backend", body: { url: "https://a.example", protocol: "http", description: "First" }, shown: "description" },
  { group: "logger", body: { loggerType: "applicationInsights", description: "First", credentials: { instrumentationKey: "k" } }, shown: "description" },
  { group: "apiVersionSet", body: { displayName: "First", versioningScheme: "Segment" }, shown: "displayName" },
  { group: "cache", body: { connectionString: "cache.example:6380", useFromLocation: "default", description: "First" }, shown: "description", filter: false },
  { group: "gateway", body: { description: "First", locationData: { name: "here" } }, shown: "description" },
  { group: "documentation", body: { title: "First", content: "# First" }, shown: "title" },
  { group: "subscription", body: { displayName: "First", scope: "/apis" }, shown: "displayName", list: "list" },
  { group: "openIdConnectProvider", body: { displayName: "First", metadataEndpoint: "https://login.example", clientId: "id" }, shown: "displayName" },
  {
    group: "authorizationServer",
    body: {
      displayName: "First", authorizationEndpoint: "https://login.example/a", tokenEndpoint: "https://login.example/t",
      clientRegistrationEndpoint: "https://login.example/r", clientId: "id", grantTypes: ["authorizationCode"],
    },
    shown: "displayName",
  },
  { group: "user", body: { email: "one@example.org", firstName: "First", lastName: "Last" }, shown: "firstName", wait: ["delete"] },
  { group: "namedValue", body: { displayName: "one", value: "v", tags: ["First"] }, shown: "tags", changed: ["Second"], wait: ["createOrUpdate", "update"], filter: false },
  { group: "workspace", body: { displayName: "First" }, shown: "displayName", filter: false },
];

// call calls a method, and where it is a long-running operation waits for it.
function call(kind, method, ...parameters) {
  const operations = client[kind.group];
  if (kind.wait?.includes(method)) {
    return operations[`begin${method[0].toUpperCase()}${method.slice(1)}AndWait`](...at, "one", ...parameters);
  }
  return operations[method](...at, "one", ...parameters);
}

for (const kind of kinds) {
  test(`${kind.group}: created, read, changed, listed, deleted`, async () => {
    await refused(call(kind, "get"), 404, "ResourceNotFound");
    const made = await call(kind, "createOrUpdate", kind.body);
    assert.equal(made.name, "one");
    const first = await call(kind, "get");
    assert.deepEqual(first[kind.shown], kind.body[kind.shown]);
    const tag = await call(kind, kind.head ?? "getEntityTag");
    assert.ok(tag.eTag, "HEAD gives no ETag");

    const second = kind.changed ?? "Second";
    const change = { ...kind.body, [kind.shown]: second };
    await refused(call(kind, "update", '"0000000000000bad"', change), 412, "PreconditionFailed");
    await call(kind, "update", tag.eTag, change);
    assert.deepEqual((await call(kind, "get"))[kind.shown], second);
    assert.notEqual((await call(kind, kind.head ?? "getEntityTag")).eTag, tag.eTag);

    const list = kind.list ?? "listByService";
    const options = kind.filter === false ? {} : { filter: "name eq 'one'" };
    const names = (await all(client[kind.group][list](...at, options))).map((item) => item.name);
    assert.ok(names.includes("one"), `the list has ${names}`);

    await call(kind, "delete", "*");
    await refused(call(kind, "get"), 404, "ResourceNotFound");
  });
}

test("api: created, imported, revised, deleted", async () => {
  const api = await client.api.beginCreateOrUpdateAndWait(...at, "shop", {
    displayName: "Shop", path: "shop", serviceUrl: "https://shop.example", protocols: ["https"],
  });
  assert.equal(api.apiRevision, "1");
  const operation = await client.apiOperation.createOrUpdate(...at, "shop", "list", { displayName: "List", method: "GET", urlTemplate: "/things" });
  assert.equal(operation.urlTemplate, "/things");

  const pets = await client.api.beginCreateOrUpdateAndWait(...at, "pets", {
    path: "pets", format: "openapi+json",
    value: JSON.stringify({
      openapi: "3.0.1", info: { title: "Pets", version: "1" }, servers: [{ url: "https://pets.example" }],
      paths: { "/pets": { get: { operationId: "listPets", responses: { 200: { description: "ok" } } } } },
    }),
  });
  assert.equal(pets.displayName, "Pets");
  const operations = await all(client.apiOperation.listByApi(...at, "pets"));
  assert.deepEqual(operations.map((item) => item.name), ["listPets"]);

  const revision = await client.api.beginCreateOrUpdateAndWait(...at, "shop;rev=2", { path: "shop", sourceApiId: api.id });
  assert.equal(revision.apiRevision, "2");
  await client.apiRelease.createOrUpdate(...at, "shop", "second", { apiId: `${api.id};rev=2`, notes: "ships" });
  const revisions = await all(client.apiRevision.listByService(...at, "shop"));
  assert.deepEqual(revisions.filter((item) => item.isCurrent).map((item) => item.apiRevision), ["2"]);

  await client.api.beginDeleteAndWait(...at, "shop", "*", { deleteRevisions: true });
  await refused(client.api.get(...at, "shop"), 404, "ResourceNotFound");
});

test("policies are kept, and refused where they do not compile", async () => {
  const value = "<policies><inbound><set-header name=\"X-A\" exists-action=\"override\"><value>@(1 < 2 ? \"a\" : \"b\")</value></set-header></inbound></policies>";
  await client.policy.createOrUpdate(...at, "policy", { format: "rawxml", value });
  await refused(client.policy.createOrUpdate(...at, "policy", { format: "rawxml", value: value.replace("1 <", "x <") }), 400, "ValidationError");
});

test("secrets are told only to those who ask for them", async () => {
  await client.subscription.createOrUpdate(...at, "keys", { displayName: "Keys", scope: "/apis", primaryKey: "primary-key-of-keys" });
  const shown = await client.subscription.get(...at, "keys");
  assert.equal(shown.primaryKey, undefined);
  const before = await client.subscription.listSecrets(...at, "keys");
  assert.equal(before.primaryKey, "primary-key-of-keys");
  await client.subscription.regenerateSecondaryKey(...at, "keys");
  const after = await client.subscription.listSecrets(...at, "keys");
  assert.notEqual(after.secondaryKey, before.secondaryKey);
  assert.equal(after.primaryKey, before.primaryKey);
});

test("lists are paged, counted and filtered", async () => {
  for (let i = 0; i < 12; i++) {
    await client.tag.createOrUpdate(...at, `paged${String(i).padStart(2, "0")}`, { displayName: `Paged ${i}` });
  }
  const sizes = [];
  for await (const page of client.tag.listByService(...at, { top: 5, filter: "startswith(name,'paged')" }).byPage()) sizes.push(page.length);
  assert.deepEqual(sizes, [5, 5, 2]);
  await refused(all(client.tag.listByService(...at, { filter: "nothing eq 'x'" })), 400, "ValidationError");
});

test("links between resources", async () => {
  await client.product.createOrUpdate(...at, "linked", { displayName: "Linked" });
  await client.api.beginCreateOrUpdateAndWait(...at, "linked", { displayName: "Linked", path: "linked", protocols: ["https"] });
  await client.productApi.createOrUpdate(...at, "linked", "linked");
  await client.productApi.checkEntityExists(...at, "linked", "linked");
  const apis = await all(client.productApi.listByProduct(...at, "linked"));
  assert.deepEqual(apis.map((item) => item.name), ["linked"]);
  await client.productApi.delete(...at, "linked", "linked");
  assert.equal((await all(client.productApi.listByProduct(...at, "linked"))).length, 0);
});

test("the service itself", async () => {
  const service = await client.apiManagementService.get(...at);
  assert.equal(service.name, SALLYPORT_SERVICE);
  const changed = await client.apiManagementService.beginUpdateAndWait(...at, { tags: { owner: "tests" } });
  assert.deepEqual(changed.tags, { owner: "tests" });
  const services = await all(client.apiManagementService.list());
  assert.ok(services.some((item) => item.name === SALLYPORT_SERVICE));
});
