import { baseApi } from "./base-api";
import type { components } from "./schema";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Dataset = Schemas["Dataset"];
type DatasetRun = Schemas["DatasetRun"];
export type PendingUpload = Schemas["Upload"];
export type Preview = Schemas["Preview"];
export type PreviewColumn = Schemas["Column"];
type RowPage = Schemas["RowPage"];

/** How a table is to be read; what is not given is guessed. */
export interface Reading {
  encoding?: string;
  delimiter?: string;
  header?: boolean;
}

/** One of the versions, as runs are given it: the file `/workspace/data/NAME`. */
export interface MountedDataset {
  id: string;
  name: string;
}

export const datasetsApi = baseApi
  .enhanceEndpoints({ addTagTypes: ["Datasets", "Uploads"] })
  .injectEndpoints({
    endpoints: (build) => ({
      datasets: build.infiniteQuery<Page<Dataset>, string, string | null>({
        infiniteQueryOptions: {
          initialPageParam: null,
          getNextPageParam: (page) => page.next ?? undefined,
        },
        query: ({ queryArg, pageParam }) => ({
          url: "/datasets",
          params: { limit: 50, cursor: pageParam ?? undefined, search: queryArg || undefined },
        }),
        providesTags: ["Datasets"],
      }),
      /** Once, to see whether a name is taken. */
      datasetsNamed: build.query<Page<Dataset>, string>({
        query: (search) => ({ url: "/datasets", params: { limit: 200, search: search || undefined } }),
        providesTags: ["Datasets"],
      }),
      dataset: build.query<Dataset, string>({
        query: (id) => `/datasets/${id}`,
        providesTags: ["Datasets"],
      }),
      datasetVersions: build.query<Page<Dataset>, string>({
        query: (id) => ({ url: `/datasets/${id}/versions`, params: { limit: 200 } }),
        providesTags: ["Datasets"],
      }),
      datasetRuns: build.query<Page<DatasetRun>, string>({
        query: (id) => ({ url: `/datasets/${id}/runs`, params: { limit: 20 } }),
      }),
      preview: build.query<Preview, { id: string; reading: Reading }>({
        query: ({ id, reading }) => ({ url: `/datasets/${id}/preview`, params: { ...reading } }),
      }),
      rows: build.query<RowPage, { id: string; reading: Reading; cursor: string }>({
        query: ({ id, reading, cursor }) => ({ url: `/datasets/${id}/rows`, params: { ...reading, cursor } }),
      }),
      deleteDataset: build.mutation<null, { id: string; allVersions: boolean }>({
        query: ({ id, allVersions }) => ({
          url: `/datasets/${id}`,
          method: "DELETE",
          params: { all_versions: allVersions },
        }),
        // What is gone is not asked for again by the page that is being left.
        onQueryStarted: async (_arg, { dispatch, queryFulfilled }) => {
          await queryFulfilled.then(
            () => dispatch(baseApi.util.invalidateTags(["Me"])),
            () => undefined,
          );
        },
      }),
      pendingUploads: build.query<Page<PendingUpload>, void>({
        query: () => ({ url: "/uploads", params: { limit: 100 } }),
        providesTags: ["Uploads"],
      }),
      discardUpload: build.mutation<null, string>({
        query: (id) => ({ url: `/uploads/${id}`, method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } }),
        invalidatesTags: ["Uploads", "Me"],
      }),
    }),
  });

export const {
  useDatasetsInfiniteQuery,
  useLazyDatasetsNamedQuery,
  useDatasetQuery,
  useDatasetVersionsQuery,
  useDatasetRunsQuery,
  usePreviewQuery,
  useRowsQuery,
  useDeleteDatasetMutation,
  usePendingUploadsQuery,
  useDiscardUploadMutation,
} = datasetsApi;
