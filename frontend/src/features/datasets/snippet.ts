import { mountName } from "./mount-name";

const BY_ENDING: Record<string, (path: string) => string> = {
  csv: (path) => `import pandas as pd\n\ntable = pd.read_csv("${path}")\nprint(table.describe())\n`,
  tsv: (path) =>
    `import pandas as pd\n\ntable = pd.read_csv("${path}", sep="\\t")\nprint(table.describe())\n`,
  json: (path) => `import json\n\nwith open("${path}") as file:\n    data = json.load(file)\n`,
  jsonl: (path) => `import pandas as pd\n\ntable = pd.read_json("${path}", lines=True)\n`,
  npy: (path) => `import numpy as np\n\ndata = np.load("${path}")\n`,
  zip: (path) =>
    `from zipfile import ZipFile\n\nwith ZipFile("${path}") as archive:\n    archive.extractall("unpacked")\n`,
};

/** Where a run finds the dataset, and a beginning of a program that reads it. */
export function snippetFor(name: string): { path: string; code: string } {
  const path = `/workspace/data/${mountName(name)}`;
  const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
  const make = BY_ENDING[ending] ?? ((at) => `with open("${at}", "rb") as file:\n    data = file.read()\n`);
  return { path, code: make(path) };
}
