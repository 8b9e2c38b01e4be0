import { baseApi } from "./base-api";
import type { components } from "./schema";
import type { Page } from "./types";

export type Project = components["schemas"]["Project"];
type ProjectSummary = components["schemas"]["ProjectSummary"];

export interface NewProject {
  name: string;
  files: Readonly<Record<string, string>>;
  entrypoint: string;
}

interface ProjectChange {
  id: string;
  /** Only if it still is of this version; else the server answers 412. */
  version?: number;
  change: Partial<NewProject>;
}

export const projectsApi = baseApi.enhanceEndpoints({ addTagTypes: ["Projects"] }).injectEndpoints({
  endpoints: (build) => ({
    projects: build.query<Page<ProjectSummary>, void>({
      query: () => ({ url: "/projects", params: { limit: 200 } }),
      providesTags: ["Projects"],
    }),
    project: build.query<Project, string>({ query: (id) => `/projects/${id}`, keepUnusedDataFor: 0 }),
    createProject: build.mutation<Project, NewProject>({
      query: (body) => ({ url: "/projects", method: "POST", body }),
      invalidatesTags: (project) => (project ? ["Projects"] : []),
    }),
    changeProject: build.mutation<Project, ProjectChange>({
      query: ({ id, version, change }) => ({
        url: `/projects/${id}`,
        method: "PATCH",
        body: change,
        headers: version === undefined ? {} : { "If-Match": `"${version}"` },
      }),
      invalidatesTags: (_project, _error, { change }) => (change.name === undefined ? [] : ["Projects"]),
    }),
    deleteProject: build.mutation<null, string>({
      query: (id) => ({ url: `/projects/${id}`, method: "DELETE" }),
      invalidatesTags: ["Projects"],
    }),
  }),
});

export const {
  useProjectsQuery,
  useCreateProjectMutation,
  useChangeProjectMutation,
  useDeleteProjectMutation,
} = projectsApi;
