import { createSlice, type PayloadAction, type UnknownAction } from "@reduxjs/toolkit";

import type { Project } from "../../api/projects-api";
import { changesBetween, withChanges, type Changes } from "../../lib/file-merge";
import {
  allFolders,
  isWithin,
  joinPath,
  movedPath,
  nameOf,
  pathProblem,
  type Files,
} from "../../lib/file-tree";

/** What runs: text by path, and which of them is started. */
export interface Program {
  files: Files;
  entrypoint: string;
}

/** The project on the screen, as it is being edited. */
export interface OpenProject extends Program {
  id: string;
  name: string;
  /** The version on the server that the edits began with, and what it held. */
  version: number;
  base: Program;
  /** Empty folders; the server knows folders by their files only. */
  folders: string[];
  /** The files that have a tab, in order. */
  tabs: string[];
  active: string | null;
}

export const FIRST_PROGRAM: Program = {
  files: { "main.py": 'print("Hello from ByteMe")\n' },
  entrypoint: "main.py",
};

/** What a deletion took away. */
interface Removed {
  files: Files;
  folders: string[];
  entrypoint: string;
  tabs: string[];
}

type State = OpenProject | null;

const projectSlice = createSlice({
  name: "project",
  initialState: null as State,
  reducers: {
    projectOpened: (_project, { payload }: PayloadAction<OpenProject>): State => payload,
    projectClosed: (): State => null,
    projectRenamed: (project, { payload }: PayloadAction<{ name: string; version: number }>) => {
      if (!project) return;
      project.name = payload.name;
      // Somebody else's version in between is met by the next save.
      if (payload.version === project.version + 1) project.version = payload.version;
    },
    /** The server has this; what was typed since stays. */
    projectSaved: (project, { payload }: PayloadAction<Project>) => {
      if (project?.id === payload.id) base(project, payload);
    },
    /** The server's version is the new beginning, and `program` what is on the screen. */
    projectRebased: (project, { payload }: PayloadAction<{ onto: Project; program: Program }>) => {
      if (project?.id !== payload.onto.id) return;
      base(project, payload.onto);
      setProgram(project, payload.program);
    },
    programReplaced: (project, { payload }: PayloadAction<Program>) => {
      if (!project) return;
      setProgram(project, payload);
      project.tabs = [payload.entrypoint];
      project.active = payload.entrypoint;
    },
    fileEdited: (project, { payload }: PayloadAction<{ path: string; text: string }>) => {
      if (project && payload.path in project.files) files(project)[payload.path] = payload.text;
    },
    filesAdded: (project, { payload }: PayloadAction<{ files: Files; open?: string }>) => {
      if (!project) return;
      Object.assign(files(project), payload.files);
      dropFilledFolders(project);
      if (payload.open !== undefined) open(project, payload.open);
    },
    changesMade: (project, { payload }: PayloadAction<Changes>) => {
      if (!project) return;
      project.files = withChanges(project.files, payload);
      mend(project);
    },
    folderAdded: (project, { payload }: PayloadAction<string>) => {
      if (project && !project.folders.includes(payload)) project.folders.push(payload);
    },
    pathMoved: (project, { payload: { from, to } }: PayloadAction<{ from: string; to: string }>) => {
      if (!project) return;
      const move = (path: string): string => movedPath(path, from, to);
      project.files = Object.fromEntries(
        Object.entries(project.files).map(([path, text]) => [move(path), text]),
      );
      project.folders = project.folders.map(move);
      project.tabs = project.tabs.map(move);
      project.active = project.active === null ? null : move(project.active);
      project.entrypoint = move(project.entrypoint);
      dropFilledFolders(project);
    },
    pathRemoved: (project, { payload }: PayloadAction<string>) => {
      if (!project || !canRemove(project, payload)) return;
      const stays = (path: string): boolean => !isWithin(path, payload);
      project.files = Object.fromEntries(Object.entries(project.files).filter(([path]) => stays(path)));
      project.folders = project.folders.filter(stays);
      mend(project);
    },
    removedRestored: (project, { payload }: PayloadAction<Removed>) => {
      if (!project) return;
      project.files = { ...payload.files, ...project.files };
      project.folders = [...new Set([...project.folders, ...payload.folders])];
      project.entrypoint = payload.entrypoint in project.files ? payload.entrypoint : project.entrypoint;
      for (const path of payload.tabs) open(project, path);
    },
    fileSelected: (project, { payload }: PayloadAction<string>) => {
      if (project) open(project, payload);
    },
    tabClosed: (project, { payload }: PayloadAction<string>) => {
      if (!project) return;
      const at = project.tabs.indexOf(payload);
      project.tabs = project.tabs.filter((path) => path !== payload);
      if (project.active === payload) project.active = project.tabs[at] ?? project.tabs[at - 1] ?? null;
    },
    entrypointChosen: (project, { payload }: PayloadAction<string>) => {
      if (project && payload in project.files) project.entrypoint = payload;
    },
  },
});

export const {
  projectOpened,
  projectClosed,
  projectRenamed,
  projectSaved,
  projectRebased,
  programReplaced,
  fileEdited,
  filesAdded,
  changesMade,
  folderAdded,
  pathMoved,
  pathRemoved,
  removedRestored,
  fileSelected,
  tabClosed,
  entrypointChosen,
} = projectSlice.actions;

/** The action for one project: it does nothing to another one that is open by then. */
export function inProject<A extends UnknownAction>(id: string, action: A): A & { meta: { project: string } } {
  return { ...action, meta: { project: id } };
}

export function projectReducer(project: State | undefined, action: UnknownAction): State {
  const { meta } = action as { meta?: { project?: string } };
  const isForAnother = meta?.project !== undefined && meta.project !== project?.id;
  return isForAnother ? (project ?? null) : projectSlice.reducer(project, action);
}

/** A project as the server has it, with its entry point's tab open. */
export function openedFrom(project: Project): OpenProject {
  const { id, name, version, files: text, entrypoint } = project;
  const program = { files: text, entrypoint };
  return {
    id,
    name,
    version,
    ...program,
    base: program,
    folders: [],
    tabs: [entrypoint],
    active: entrypoint,
  };
}

/** The files that differ from what the server has. */
export function dirtyPaths(project: OpenProject): string[] {
  return project.files === project.base.files
    ? []
    : Object.keys(changesBetween(project.base.files, project.files));
}

export function isDirty(project: OpenProject): boolean {
  return project.entrypoint !== project.base.entrypoint || dirtyPaths(project).length > 0;
}

/** A project has at least one file. */
export function canRemove(project: OpenProject, path: string): boolean {
  return Object.keys(project.files).some((other) => !isWithin(other, path));
}

/** What removing `path` would take away. */
export function removedBy(project: OpenProject, path: string): Removed {
  const goes = (other: string): boolean => isWithin(other, path);
  return {
    files: Object.fromEntries(Object.entries(project.files).filter(([other]) => goes(other))),
    folders: project.folders.filter(goes),
    entrypoint: project.entrypoint,
    tabs: project.tabs.filter(goes),
  };
}

/** Where a file or folder of this name would be in another folder. */
export function pathInFolder(path: string, folder: string): string {
  return joinPath(folder, nameOf(path));
}

/** Why something cannot have this path in the project; `from` is where it is now. */
export function problemBeside(project: OpenProject, path: string, from: string | null): string | null {
  const paths = Object.keys(project.files);
  const others = (list: string[]): string[] =>
    list.filter((other) => from === null || !isWithin(other, from));
  if (from !== null && path !== from && isWithin(path, from)) return "A folder cannot be moved into itself";
  return pathProblem(path, others(paths), others(allFolders(paths, project.folders)));
}

/** Immer's draft of the files may be written to. */
function files(project: OpenProject): Record<string, string> {
  return project.files;
}

function base(project: OpenProject, { version, name, files: text, entrypoint }: Project): void {
  project.version = version;
  project.name = name;
  project.base = { files: text, entrypoint };
}

function setProgram(project: OpenProject, program: Program): void {
  project.files = program.files;
  project.entrypoint = program.entrypoint;
  mend(project);
}

function open(project: OpenProject, path: string): void {
  if (!(path in project.files)) return;
  if (!project.tabs.includes(path)) project.tabs.push(path);
  project.active = path;
}

/** Entry point and tabs name files that are there. */
function mend(project: OpenProject): void {
  const paths = Object.keys(project.files);
  if (!(project.entrypoint in project.files)) {
    project.entrypoint = paths.find((path) => path.endsWith(".py")) ?? paths[0] ?? "";
  }
  project.tabs = project.tabs.filter((path) => path in project.files);
  if (project.active !== null && !(project.active in project.files)) {
    project.active = project.tabs.at(-1) ?? null;
  }
}

function dropFilledFolders(project: OpenProject): void {
  const paths = Object.keys(project.files);
  project.folders = project.folders.filter((folder) => !paths.some((path) => isWithin(path, folder)));
}
