import { baseApi } from "./base-api";
import type { components } from "./schema";
import type { Page } from "./types";

export type Secret = components["schemas"]["Secret"];

const secretsApi = baseApi.enhanceEndpoints({ addTagTypes: ["Secrets"] }).injectEndpoints({
  endpoints: (build) => ({
    secrets: build.query<Page<Secret>, void>({ query: () => "/secrets", providesTags: ["Secrets"] }),
    setSecret: build.mutation<Secret, { name: string; value: string }>({
      query: ({ name, value }) => ({
        url: `/secrets/${encodeURIComponent(name)}`,
        method: "PUT",
        body: { value },
      }),
      invalidatesTags: (_result, error) => (error ? [] : ["Secrets"]),
    }),
    deleteSecret: build.mutation<null, string>({
      query: (name) => ({ url: `/secrets/${encodeURIComponent(name)}`, method: "DELETE" }),
      invalidatesTags: (_result, error) => (error ? [] : ["Secrets"]),
    }),
  }),
});

export const { useSecretsQuery, useSetSecretMutation, useDeleteSecretMutation } = secretsApi;
