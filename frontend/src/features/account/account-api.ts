import { baseApi } from "../../api/base-api";
import type { components } from "../../api/schema";
import type { Page } from "../../api/types";

export type Key = components["schemas"]["Key"];
export type NewKey = components["schemas"]["NewKey"];
type KeyRequest = components["schemas"]["KeyRequest"];
export type Scope = components["schemas"]["Scope"];

const accountApi = baseApi.enhanceEndpoints({ addTagTypes: ["Keys"] }).injectEndpoints({
  endpoints: (build) => ({
    keys: build.query<Page<Key>, void>({
      query: () => ({ url: "/keys", params: { limit: 200 } }),
      providesTags: ["Keys"],
    }),
    createKey: build.mutation<NewKey, KeyRequest>({
      query: (body) => ({ url: "/keys", method: "POST", body }),
      invalidatesTags: (_result, error) => (error ? [] : ["Keys"]),
    }),
    revokeKey: build.mutation<null, string>({
      query: (id) => ({ url: `/keys/${id}`, method: "DELETE" }),
      invalidatesTags: (_result, error) => (error ? [] : ["Keys"]),
    }),
    changePassword: build.mutation<null, { current_password: string; new_password: string }>({
      query: (body) => ({ url: "/me/password", method: "PUT", body }),
    }),
    signOutEverywhere: build.mutation<null, void>({
      query: () => ({ url: "/me/sign-out", method: "POST" }),
    }),
  }),
});

export const {
  useKeysQuery,
  useCreateKeyMutation,
  useRevokeKeyMutation,
  useChangePasswordMutation,
  useSignOutEverywhereMutation,
} = accountApi;
