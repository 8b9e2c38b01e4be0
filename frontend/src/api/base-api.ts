import type { Dispatch, UnknownAction } from "@reduxjs/toolkit";
import {
  createApi,
  fetchBaseQuery,
  QueryStatus,
  type BaseQueryFn,
  type FetchArgs,
  type FetchBaseQueryError,
} from "@reduxjs/toolkit/query/react";

import { describeProblem, isProblem } from "./problem";
import type { Session } from "./session";
import type { Me, Page, Template } from "./types";

/** What the store hands to every request. */
export interface ApiExtra {
  session: Session;
}

// `fetch` needs an absolute URL outside a browser.
const plainRequest = fetchBaseQuery({
  baseUrl: `${location.origin}/api/v1`,
  prepareHeaders: async (headers, { extra }) => {
    const { session } = extra as ApiExtra;
    const token = await session.token().catch(() => null);
    if (token) headers.set("Authorization", `Bearer ${token}`);
  },
});

/** A problem is given the id of its request, by which the server's log tells more. */
const request: typeof plainRequest = async (args, api, options) => {
  const answer = await plainRequest(args, api, options);
  const id = answer.meta?.response?.headers.get("X-Request-ID");
  if (answer.error && id && isProblem(answer.error.data)) {
    return {
      ...answer,
      error: { ...answer.error, data: { ...answer.error.data, request_id: id } },
    } as typeof answer;
  }
  return answer;
};

/** A token the server refuses is renewed once and the request repeated. */
const requestWithRenewal: BaseQueryFn<string | FetchArgs, unknown, FetchBaseQueryError> = async (
  args,
  api,
  options,
) => {
  const first = await request(args, api, options);
  if (first.error?.status !== 401) return first;
  const { session } = api.extra as ApiExtra;
  const renewed = await session.renew().catch(() => null);
  return renewed ? request(args, api, options) : first;
};

export const baseApi = createApi({
  baseQuery: requestWithRenewal,
  tagTypes: ["Me", "Templates", "Runs", "Artifacts"],
  endpoints: (build) => ({
    me: build.query<Me, void>({ query: () => "/me", providesTags: ["Me"] }),
    templates: build.query<Page<Template>, void>({ query: () => "/templates", providesTags: ["Templates"] }),
    /** A URL for one path that works for a minute without a header, as a plain download needs it. */
    ticket: build.mutation<{ url: string }, string>({
      query: (path) => ({ url: "/tickets", method: "POST", body: { path } }),
    }),
  }),
});

export const { useMeQuery, useTemplatesQuery, useTicketMutation } = baseApi;

type Initiate = (arg: unknown, options: { subscribe: false; forceRefetch: true }) => UnknownAction;

/** Asks again for everything that was refused. */
export function askAgain() {
  return (dispatch: Dispatch, getState: () => { api: ReturnType<typeof baseApi.reducer> }): void => {
    for (const query of Object.values(getState().api.queries)) {
      if (query?.status !== QueryStatus.rejected) continue;
      // Among them are those that were injected, of which nothing is known here.
      const endpoints = baseApi.endpoints as unknown as Record<string, { initiate: Initiate }>;
      const initiate = endpoints[query.endpointName]?.initiate;
      if (initiate) dispatch(initiate(query.originalArgs, { subscribe: false, forceRefetch: true }));
    }
  };
}

/** The text to show for a failed query. */
export function queryErrorText(error: unknown): string {
  const data = (error as Partial<FetchBaseQueryError> | undefined)?.data;
  if (isProblem(data)) return describeProblem(data);
  return "The server cannot be reached. Check your connection and try again.";
}

/** What the server said of single fields of a failed request. */
export function fieldProblems(error: unknown): Record<string, string> {
  const data = (error as Partial<FetchBaseQueryError> | undefined)?.data;
  const named = isProblem(data) ? (data.errors ?? []) : [];
  return Object.fromEntries(named.map(({ field, message }) => [field, message]));
}

/** What a report of a failed request has to name: its status, and its id on the server; null when there was no answer. */
export function failureDetails(error: unknown): string | null {
  const data = (error as Partial<FetchBaseQueryError> | undefined)?.data;
  if (!isProblem(data)) return null;
  const { request_id: id } = data as { request_id?: string };
  return `Status ${data.status}${id ? `, request ${id}` : ""}.`;
}
