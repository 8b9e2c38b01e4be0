import { baseApi } from "../../api/base-api";
import type { components } from "../../api/schema";
import type { Page } from "../../api/types";

type Schemas = components["schemas"];
export type Image = Schemas["Image"];
export type OnHost = Schemas["ImageOnHost"];
export type Pull = Schemas["Pull"];
export type PullRequest = Schemas["PullRequest"];
export type Pruned = Schemas["Pruned"];
export type Switched = Schemas["Switched"];
export type Why = Schemas["Why"];

const MANY = 10;

const imagesApi = baseApi.enhanceEndpoints({ addTagTypes: ["Images", "Pulls", "Audit"] }).injectEndpoints({
  endpoints: (build) => ({
    images: build.query<Page<Image>, void>({ query: () => "/images", providesTags: ["Images"] }),
    pulls: build.infiniteQuery<Page<Pull>, void, string | null>({
      infiniteQueryOptions: { initialPageParam: null, getNextPageParam: (page) => page.next },
      query: ({ pageParam }) => ({
        url: "/images/pulls",
        params: { limit: MANY, cursor: pageParam ?? undefined },
      }),
      providesTags: ["Pulls"],
    }),
    onePull: build.query<Pull, string>({ query: (id) => `/images/pulls/${id}` }),
    pullImage: build.mutation<Pull, PullRequest>({
      query: (body) => ({ url: "/images/pulls", method: "POST", body }),
      invalidatesTags: ["Images", "Pulls", "Audit"],
    }),
    activateImage: build.mutation<Pull, { alias: string; image: string; quorum: number }>({
      query: ({ alias, ...body }) => ({
        url: `/images/aliases/${encodeURIComponent(alias)}/activate`,
        method: "POST",
        body,
      }),
      invalidatesTags: ["Images", "Pulls", "Audit"],
    }),
    rollBack: build.mutation<Switched, string>({
      query: (alias) => ({ url: `/images/aliases/${encodeURIComponent(alias)}/rollback`, method: "POST" }),
      invalidatesTags: ["Images", "Pulls", "Audit"],
    }),
    /** What a prune that keeps so many would do; nothing is done. */
    prunePlan: build.query<Page<Pruned>, number>({
      query: (keep) => ({ url: "/images/prune", method: "POST", body: { keep, dry_run: true } }),
      keepUnusedDataFor: 0,
    }),
    prune: build.mutation<Page<Pruned>, number>({
      query: (keep) => ({ url: "/images/prune", method: "POST", body: { keep, dry_run: false } }),
      invalidatesTags: ["Images", "Audit"],
    }),
    verifyImages: build.mutation<Schemas["VerifyAnswer"], void>({
      query: () => ({ url: "/images/verify", method: "POST" }),
      invalidatesTags: ["Images", "Audit"],
    }),
  }),
});

export const {
  useImagesQuery,
  usePullsInfiniteQuery,
  useOnePullQuery,
  usePullImageMutation,
  useActivateImageMutation,
  useRollBackMutation,
  usePrunePlanQuery,
  usePruneMutation,
  useVerifyImagesMutation,
} = imagesApi;
