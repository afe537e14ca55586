// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

void make_list_seeds(const std::string& folder) {
  const Seeds seeds(folder, "lists");
  seeds.add("photos", "pfile,label,more\nlist.csv,\"a, \"\"b\"\"\",1\r\nlist.csv,cat,2\n");
  seeds.add("photos_moved", "p\xef\xbb\xbflabel,file\ncat,list.csv\n\n");
  seeds.add("calibration", "cfile,label\nlist.csv,cat\n");
  seeds.add("names", "ncat\ndog\r\nbird\n\n");
  seeds.add("labels", "ln01440764 tench, Tinca tinca\nn01443537 goldfish\n");
  seeds.add("taxonomy",
            "tchild,parent\ncat,animal\nn00000002,animal\nc,animal\nd,thing\ne,thing\nf,thing\n"
            "g,thing\nh,thing\ni,thing\nj,thing\nanimal,all\nthing,all\n");
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string padded = header + std::string(117 - header.size(), ' ') + "\n";
  seeds.add("npy", std::string("m\x93NUMPY\x01\x00", 9) + static_cast<char>(padded.size()) +
                       std::string(1, '\0') + padded + std::string(24, '\0'));
}

}  // namespace vitro::fuzz
