import { baseApi } from "../../api/base-api";
import type { components } from "../../api/schema";
import type { Page } from "../../api/types";

type Schemas = components["schemas"];
export type Account = Schemas["Account"];
type AuditEntry = Schemas["AuditEntry"];
export type Host = Schemas["Host"];
export type Overview = Schemas["Overview"];
export type Queue = Schemas["Queue"];
export type RunningRun = Schemas["RunningRun"];
export type Setting = Schemas["Setting"];
export type UserChange = Schemas["UserChange"];
export type WaitingRun = Schemas["WaitingRun"];

/** Which entries of the audit trail; what is empty does not matter. Times are RFC 3339. */
export interface AuditFilter {
  actor: string;
  verb: string;
  thing: string;
  since: string;
  until: string;
}

/** Without what is empty: the server takes an empty time for a wrong one. */
function given(filter: AuditFilter): Partial<AuditFilter> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));
}

/** The table itself, or the problem in its place. */
const textOrProblem = (response: Response): Promise<unknown> =>
  response.ok ? response.text() : response.json().catch(() => null);

const infiniteQueryOptions = {
  initialPageParam: null,
  getNextPageParam: (page: Page<unknown>) => page.next,
};

const adminApi = baseApi.enhanceEndpoints({ addTagTypes: ["Users", "Queue", "Audit"] }).injectEndpoints({
  endpoints: (build) => ({
    overview: build.query<Overview, void>({ query: () => "/overview" }),
    hosts: build.query<Page<Host>, void>({ query: () => "/hosts" }),
    settings: build.query<Page<Setting>, void>({ query: () => "/settings" }),
    queue: build.query<Queue, void>({ query: () => "/queue", providesTags: ["Queue"] }),
    cancelAnybodys: build.mutation<null, string>({
      query: (id) => ({ url: `/queue/${id}/cancel`, method: "POST" }),
      invalidatesTags: ["Queue", "Audit"],
    }),
    users: build.infiniteQuery<Page<Account>, string, string | null>({
      infiniteQueryOptions,
      query: ({ queryArg: search, pageParam }) => ({
        url: "/users",
        params: { search, limit: 50, cursor: pageParam ?? undefined },
      }),
      providesTags: ["Users"],
    }),
    changeUser: build.mutation<Account, { id: string; changes: UserChange }>({
      query: ({ id, changes }) => ({ url: `/users/${id}`, method: "PATCH", body: changes }),
      invalidatesTags: (_result, error) => (error ? [] : ["Users", "Audit"]),
    }),
    signOutUser: build.mutation<null, string>({
      query: (id) => ({ url: `/users/${id}/sign-out`, method: "POST" }),
      invalidatesTags: ["Audit"],
    }),
    audit: build.infiniteQuery<Page<AuditEntry>, AuditFilter, string | null>({
      infiniteQueryOptions,
      query: ({ queryArg: filter, pageParam }) => ({
        url: "/audit",
        params: { ...given(filter), limit: 50, cursor: pageParam ?? undefined },
      }),
      providesTags: ["Audit"],
    }),
    auditTable: build.mutation<string, AuditFilter>({
      query: (filter) => ({ url: "/audit.csv", params: given(filter), responseHandler: textOrProblem }),
    }),
  }),
});

export const {
  useOverviewQuery,
  useHostsQuery,
  useSettingsQuery,
  useQueueQuery,
  useCancelAnybodysMutation,
  useUsersInfiniteQuery,
  useChangeUserMutation,
  useSignOutUserMutation,
  useAuditInfiniteQuery,
  useAuditTableMutation,
} = adminApi;
