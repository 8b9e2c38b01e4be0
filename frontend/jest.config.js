export default {
  testEnvironment: "jest-fixed-jsdom",
  roots: ["<rootDir>/src"],
  transform: {
    "^.+\\.m?[jt]sx?$": [
      "@swc/jest",
      {
        jsc: {
          parser: { syntax: "typescript", tsx: true },
          transform: { react: { runtime: "automatic" } },
          target: "es2022",
        },
        module: { type: "commonjs" },
      },
    ],
  },
  moduleNameMapper: {
    "\\.css$": "<rootDir>/src/testing/stubs/empty.ts",
    // The real editor does not start in jsdom; the browser tests drive it.
    "/monaco-editor$": "<rootDir>/src/testing/stubs/monaco-editor.tsx",
    "/monaco-view$": "<rootDir>/src/testing/stubs/monaco-view.tsx",
  },
  testTimeout: 60_000,
  setupFilesAfterEnv: ["<rootDir>/src/testing/setup.ts"],
};
