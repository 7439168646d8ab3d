// What an order system does with the types that openapi-typescript makes from the API's
// description. `make clients` compiles it: closed sets are unions, and events are told apart.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Reason = NonNullable<Schemas["Unit"]["reason"]>;

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8088", headers: { Authorization: "Bearer KEY" } });

export async function place(order: Schemas["OrderDocument"], id: string): Promise<string> {
  const { data, error } = await client.POST("/v1/orders", { params: { header: { "Idempotency-Key": id } }, body: order });
  if (error) throw new Error(error.errors?.map((fault) => `${fault.pointer}: ${fault.detail}`).join("\n") ?? error.title);
  return data.number;
}

export async function needAPerson(reason: Reason): Promise<Schemas["Unit"][]> {
  const { data, error } = await client.GET("/v1/orders", { params: { query: { state: "attention", reason } } });
  if (error) throw new Error(error.detail);
  return data.orders;
}

export function told(event: Schemas["OrderEvent"]): Schemas["Unit"]["state"] | "ended" {
  return event.event === "progress" ? event.data.state : "ended";
}

// @ts-expect-error a reason that there is not
void needAPerson("bad weather");
