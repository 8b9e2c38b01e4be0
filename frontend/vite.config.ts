import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.BYTEME_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": { target: server },
      "/socket.io": { target: server, ws: true },
    },
  },
  build: {
    target: "es2022",
    // Monaco is one lazy chunk of about 3.8 MB; the first paint does not load it.
    chunkSizeWarningLimit: 4000,
    // A data: URL would need a wider content security policy than 'self'.
    assetsInlineLimit: 0,
  },
});
