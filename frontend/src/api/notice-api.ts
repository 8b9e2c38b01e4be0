import { baseApi } from "./base-api";
import type { components } from "./schema";

export type Notice = components["schemas"]["Notice"];

const noticeApi = baseApi.enhanceEndpoints({ addTagTypes: ["Notice"] }).injectEndpoints({
  endpoints: (build) => ({
    notice: build.query<Notice, void>({ query: () => "/notice", providesTags: ["Notice"] }),
    changeNotice: build.mutation<Notice, Partial<Pick<Notice, "text" | "draining">>>({
      query: (body) => ({ url: "/notice", method: "PATCH", body }),
      invalidatesTags: (_result, error) => (error ? [] : ["Notice"]),
    }),
  }),
});

export const { useNoticeQuery, useChangeNoticeMutation } = noticeApi;
