import type { FetchArgs, FetchBaseQueryError, QueryReturnValue } from "@reduxjs/toolkit/query/react";

import { baseApi } from "./base-api";
import type {
  Artifact,
  Imported,
  Metric,
  Page,
  Reason,
  Run,
  RunChange,
  RunEvent,
  RunFiles,
  RunRecord,
  RunState,
  SharedRun,
} from "./types";

/** Which runs a list holds; what is not given does not matter. */
export interface RunFilter {
  state?: RunState;
  reason?: Reason;
  tag?: string;
  starred?: boolean;
  text?: string;
}

interface ComparedRun {
  run: Run;
  metrics: Metric[];
}

const RUNS_PER_PAGE = 30;
const ARTIFACTS_PER_PAGE = 200;
/** A page of metrics is about a mebibyte of reports; who has more sees the first. */
const MAX_METRIC_PAGES = 32;

type Ask = (
  request: FetchArgs | string,
) =>
  | QueryReturnValue<unknown, FetchBaseQueryError>
  | PromiseLike<QueryReturnValue<unknown, FetchBaseQueryError>>;
type Metrics = { data: Metric[]; error?: undefined } | { data?: undefined; error: FetchBaseQueryError };

/** All that a run has reported, page by page. */
async function allMetrics(base: string, ask: Ask): Promise<Metrics> {
  const data: Metric[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_METRIC_PAGES; pages++) {
    const answer = await ask({ url: `${base}/metrics`, params: { cursor: cursor ?? undefined } });
    if (answer.error) return { error: answer.error };
    const page = answer.data as Page<Metric>;
    for (const metric of page.items) data.push(metric);
    cursor = page.next;
    if (cursor === null) break;
  }
  return { data };
}

/** What came of runs. A `base` is where a run is read: `/runs/ID` of one's own, `/shared/TOKEN` of somebody else's. */
const resultsApi = baseApi.injectEndpoints({
  endpoints: (build) => ({
    run: build.query<Run, string>({
      query: (runId) => `/runs/${runId}`,
      providesTags: (_run, _error, runId) => [{ type: "Runs", id: runId }],
    }),
    runList: build.infiniteQuery<Page<Run>, RunFilter, string | null>({
      infiniteQueryOptions: { initialPageParam: null, getNextPageParam: (page) => page.next ?? undefined },
      query: ({ queryArg, pageParam }) => ({
        url: "/runs",
        params: { ...queryArg, limit: RUNS_PER_PAGE, cursor: pageParam ?? undefined },
      }),
      providesTags: ["Runs"],
    }),
    runFiles: build.query<RunFiles, string>({ query: (base) => `${base}/files` }),
    runEvents: build.query<Page<RunEvent>, string>({
      query: (runId) => `/runs/${runId}/events`,
      providesTags: (_events, _error, runId) => [{ type: "Runs", id: runId }],
    }),
    runMetrics: build.query<Metric[], string>({
      queryFn: async (base, _api, _options, ask) => {
        const answer = await allMetrics(base, ask);
        return answer.error ? { error: answer.error } : { data: answer.data };
      },
    }),
    /** Runs side by side, with all that each has reported. */
    comparedRuns: build.query<ComparedRun[], string[]>({
      queryFn: async (runIds, _api, _options, ask) => {
        const compared: ComparedRun[] = [];
        for (const runId of runIds) {
          const run = await ask(`/runs/${runId}`);
          if (run.error) return { error: run.error };
          const metrics = await allMetrics(`/runs/${runId}`, ask);
          if (metrics.error) return { error: metrics.error };
          compared.push({ run: run.data as Run, metrics: metrics.data });
        }
        return { data: compared };
      },
      providesTags: ["Runs"],
    }),
    artifactPages: build.infiniteQuery<Page<Artifact>, string, string | null>({
      infiniteQueryOptions: { initialPageParam: null, getNextPageParam: (page) => page.next ?? undefined },
      query: ({ queryArg, pageParam }) => ({
        url: `${queryArg}/artifacts`,
        params: { limit: ARTIFACTS_PER_PAGE, cursor: pageParam ?? undefined },
      }),
      providesTags: (_pages, _error, base) => [{ type: "Artifacts", id: base.split("/").at(-1) }],
    }),
    runRecord: build.mutation<RunRecord, string>({ query: (runId) => `/runs/${runId}/record` }),
    annotateRun: build.mutation<Run, { runId: string; changes: RunChange }>({
      query: ({ runId, changes }) => ({ url: `/runs/${runId}`, method: "PATCH", body: changes }),
      // In place in every list that shows it: asking anew could make rows jump.
      onQueryStarted: async (_change, api) => {
        const answer = await api.queryFulfilled.catch(() => null);
        if (!answer) return;
        const changed = answer.data;
        await api.dispatch(resultsApi.util.upsertQueryData("run", changed.id, changed));
        for (const shown of resultsApi.util.selectInvalidatedBy(api.getState(), ["Runs"])) {
          if (shown.endpointName !== "runList") continue;
          api.dispatch(
            resultsApi.util.updateQueryData("runList", shown.originalArgs as RunFilter, ({ pages }) => {
              for (const page of pages)
                page.items = page.items.map((run) => (run.id === changed.id ? changed : run));
            }),
          );
        }
      },
    }),
    deleteRun: build.mutation<null, string>({
      // It may be sent by a page that is being left.
      query: (runId) => ({ url: `/runs/${runId}`, method: "DELETE", keepalive: true }),
      invalidatesTags: ["Runs", "Me"],
    }),
    importRecord: build.mutation<Imported, { record: unknown; into: "run" | "project"; name?: string }>({
      query: (body) => ({ url: "/records", method: "POST", body }),
      invalidatesTags: ["Runs"],
    }),
    shareRun: build.mutation<{ token: string; url: string }, string>({
      query: (runId) => ({ url: `/runs/${runId}/share`, method: "POST" }),
      invalidatesTags: (_link, _error, runId) => [{ type: "Runs", id: runId }],
    }),
    unshareRun: build.mutation<null, string>({
      query: (runId) => ({ url: `/runs/${runId}/share`, method: "DELETE" }),
      invalidatesTags: (_nothing, _error, runId) => [{ type: "Runs", id: runId }],
    }),
    sharedRun: build.query<SharedRun, string>({ query: (token) => `/shared/${token}` }),
  }),
});

export const {
  useRunQuery,
  useRunListInfiniteQuery,
  useRunFilesQuery,
  useLazyRunFilesQuery,
  useRunEventsQuery,
  useRunMetricsQuery,
  useComparedRunsQuery,
  useArtifactPagesInfiniteQuery,
  useRunRecordMutation,
  useAnnotateRunMutation,
  useDeleteRunMutation,
  useImportRecordMutation,
  useShareRunMutation,
  useUnshareRunMutation,
  useSharedRunQuery,
} = resultsApi;
